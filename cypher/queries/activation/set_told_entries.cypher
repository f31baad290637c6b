// Keep what destinations are now told of customers and segments.
UNWIND $rows AS row
MERGE (t:ToldEntry {key: row.key})
SET t.destination_id = row.destination_id, t.segment_id = row.segment_id, t.customer_id = row.customer_id,
  t.number = row.number, t.inside = CASE WHEN row.inside THEN true END,
  t.entered_at = CASE WHEN row.entered_s IS NOT NULL THEN datetime.fromEpoch(row.entered_s, row.entered_ns) END
