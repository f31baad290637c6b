// The traits that the identifiers of some customers have, by name and the newest first: of each customer the first ones,
// of some names or of all.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)-[:HAS_TRAIT]->(t:Trait)
  USING INDEX SEEK customer:Customer(id)
  WHERE $names IS NULL OR t.name IN $names
  WITH i, t ORDER BY t.name, t.observed_at DESC, i.key LIMIT $most
  RETURN i, t
}
RETURN customer_id,
       t.name AS name,
       t.value AS value,
       instant(t.observed_at) AS observed_at,
       t.source AS source,
       i.key AS identifier_key
ORDER BY name, observed_at DESC, identifier_key
