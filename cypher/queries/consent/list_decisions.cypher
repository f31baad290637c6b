// What these identifiers decided of consents.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})-[:GAVE]->(k:Consent)
USING INDEX SEEK identifier:Identifier(key)
RETURN key, k.id AS id, k.subject AS subject, k.channel AS channel, k.state AS state, instant(k.at) AS at, k.source AS source,
  k.message_id AS message_id, instant(k.last_at) AS last_at, k.last_source AS last_source,
  k.last_message_id AS last_message_id, k.version AS version, k.text AS text
