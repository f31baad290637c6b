// Write how customers stand to segments. Who is in has a time since when; one that never changes with time has none when it is due.
UNWIND $rows AS row
MERGE (m:SegmentMembership {key: row.key})
SET m.edition = row.edition, m.segment_id = row.segment_id, m.customer_id = row.customer_id, m.number = row.number,
  m.since = CASE WHEN row.since_s IS NULL THEN null ELSE datetime.fromEpoch(row.since_s, row.since_ns) END,
  m.due_at = CASE WHEN row.due_s IS NULL THEN null ELSE datetime.fromEpoch(row.due_s, row.due_ns) END
