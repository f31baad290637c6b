// What each identifier of some customers keeps of traits, of some names or of all, deleted ones too.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)-[:HAS_TRAIT]->(t:Trait)
USING INDEX SEEK customer:Customer(id)
WHERE $names IS NULL OR t.name IN $names
RETURN customer_id,
       i.key AS identifier_key,
       t.name AS name,
       t.value AS value,
       instant(t.observed_at) AS observed_at,
       t.source AS source,
       t.message_id AS message_id,
       t.policy AS policy,
       t.state AS state
