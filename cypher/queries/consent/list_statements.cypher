// What events say of consents in which these identifiers were seen, with all identifiers seen in each.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})<-[:OBSERVED]-(e:Event)
USING INDEX SEEK identifier:Identifier(key)
WHERE e.consents IS NOT NULL
RETURN key, instant(e.occurred_at) AS at, e.source AS source, e.message_id AS message_id, e.consents AS consents,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
