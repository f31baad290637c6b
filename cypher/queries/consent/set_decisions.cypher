// Write decisions on consents, whatever was there before.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifier})
USING INDEX SEEK i:Identifier(key)
MERGE (k:Consent {id: row.id})
SET k.subject = row.subject, k.channel = row.channel, k.state = row.state,
  k.at = datetime.fromEpoch(row.at_s, row.at_ns), k.source = row.source, k.message_id = row.message_id,
  k.last_at = datetime.fromEpoch(row.last_s, row.last_ns), k.last_source = row.last_source,
  k.last_message_id = row.last_message_id, k.version = row.version, k.text = row.text
FOREACH (_ IN CASE WHEN row.subject STARTS WITH 'bar:' THEN [1] ELSE [] END | SET k:Bar)
MERGE (i)-[:GAVE]->(k)
