// Write sessions that were there before and were cut anew, whatever changed of them.
UNWIND $rows AS row
MATCH (s:Session)-[old:OF]->(was) WHERE elementId(s) = row.ref
SET s.visitor = row.visitor, s.channel = row.channel, s.touchpoint_count = row.touchpoint_count,
  s.started_at = datetime.fromEpoch(row.first_s, row.first_ns), s.first_source = row.first_source,
  s.first_message_id = row.first_message_id,
  s.ended_at = datetime.fromEpoch(row.last_s, row.last_ns), s.last_source = row.last_source,
  s.last_message_id = row.last_message_id, s.unique_values = row.unique_values
WITH s, old, was, row
WHERE was.key <> row.owner
DELETE old
WITH s, row
MATCH (i:Identifier {key: row.owner})
USING INDEX SEEK i:Identifier(key)
CREATE (s)-[:OF]->(i)
WITH s, i
MATCH (s)<-[:IN]-(e:Event)
SET e.owner = i.key
