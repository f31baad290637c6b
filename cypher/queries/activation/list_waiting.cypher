// The destinations that are switched on, and whether something is due for them.
MATCH (t:Destination)
USING INDEX SEEK t:Destination(id)
WHERE t.id >= '' AND t.disabled_at IS NULL
CALL (t) {
  OPTIONAL MATCH (d:Delivery)
  USING INDEX SEEK d:Delivery(destination_id, due_at)
  WHERE d.destination_id = t.id AND d.due_at <= datetime.fromEpoch($now_s, $now_ns)
  RETURN d LIMIT 1
}
RETURN t.id AS id, d IS NOT NULL AS is_due, t.change_position AS change_position
