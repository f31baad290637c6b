// Write new sessions, each belonging to the strongest identifier seen in it.
UNWIND $rows AS row
CREATE (s:Session {
  id: row.id, visitor: row.visitor, channel: row.channel, touchpoint_count: row.touchpoint_count,
  started_at: datetime.fromEpoch(row.first_s, row.first_ns), first_source: row.first_source,
  first_message_id: row.first_message_id,
  ended_at: datetime.fromEpoch(row.last_s, row.last_ns), last_source: row.last_source,
  last_message_id: row.last_message_id, unique_values: row.unique_values
})
WITH s, row
MATCH (i:Identifier {key: row.owner})
USING INDEX SEEK i:Identifier(key)
CREATE (s)-[:OF]->(i)
RETURN s.id AS id, elementId(s) AS ref
