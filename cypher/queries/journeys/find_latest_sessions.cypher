// Of each of these visitors some of the sessions that start up to a moment, the latest ones.
UNWIND $rows AS row
CALL (row) {
  MATCH (s:Session)
  USING INDEX SEEK s:Session(visitor, started_at)
  WHERE s.visitor = row.visitor AND s.started_at <= datetime.fromEpoch(row.until_s, row.until_ns)
  RETURN s ORDER BY s.visitor DESC, s.started_at DESC, s.first_source DESC, s.first_message_id DESC LIMIT $limit
}
MATCH (s)-[:OF]->(owner:Identifier)
RETURN s.id AS id, elementId(s) AS ref, s.visitor AS visitor,
  instant(s.started_at) AS started_at,
  s.first_source AS first_source, s.first_message_id AS first_message_id,
  instant(s.ended_at) AS ended_at,
  s.last_source AS last_source, s.last_message_id AS last_message_id,
  s.channel AS channel, s.touchpoint_count AS touchpoint_count, s.unique_values AS unique_values, owner.key AS owner
