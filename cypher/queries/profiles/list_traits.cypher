// The traits that these identifiers have.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})-[:HAS_TRAIT]->(t:Trait)
USING INDEX SEEK identifier:Identifier(key)
RETURN key, t.key AS trait, t.name AS name, t.value AS value, instant(t.observed_at) AS observed_at,
  t.source AS source, t.message_id AS message_id, t.policy AS policy, t.state AS state
