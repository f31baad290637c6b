// What events say of the traits of these identifiers, with all identifiers seen in each.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})<-[:OBSERVED]-(e:Event)
USING INDEX SEEK identifier:Identifier(key)
WHERE e.traits IS NOT NULL
RETURN key, e.type AS type, instant(e.occurred_at) AS observed_at, e.source AS source,
  e.message_id AS message_id, e.traits AS traits,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
