// Write what more events changed of known sessions.
UNWIND $rows AS row
MATCH (s:Session) WHERE elementId(s) = row.ref
SET s.ended_at = datetime.fromEpoch(row.last_s, row.last_ns), s.last_source = row.last_source,
  s.last_message_id = row.last_message_id, s.touchpoint_count = row.touchpoint_count,
  s.unique_values = row.unique_values
