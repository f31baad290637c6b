// The traits of some customers, by name: of each customer the first ones, of some names or of all. Of most the newest of its
// identifiers is given, of those whose values are put together all of them, the newest first.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)-[:HAS_TRAIT]->(t:Trait)
  USING INDEX SEEK customer:Customer(id)
  WHERE $names IS NULL OR t.name IN $names
  WITH i, t ORDER BY t.observed_at DESC, t.source DESC, t.message_id DESC
  WITH t.name AS name, collect({trait: t, key: i.key}) AS own
  WHERE NOT coalesce(own[0].trait.deleted, false)
  WITH name, own ORDER BY name LIMIT $most
  UNWIND CASE WHEN name IN $together THEN own ELSE own[..1] END AS one
  RETURN name, one.key AS identifier_key, one.trait AS t
}
RETURN customer_id,
       name,
       t.value AS value,
       instant(t.observed_at) AS observed_at,
       t.source AS source,
       t.message_id AS message_id,
       identifier_key,
       t.policy AS policy,
       t.state AS state
ORDER BY name, observed_at DESC, identifier_key
