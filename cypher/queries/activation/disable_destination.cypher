// Switch a destination off; what is pending for it stays.
MATCH (t:Destination {id: $id})
USING INDEX SEEK t:Destination(id)
WHERE t.disabled_at IS NULL
SET t.disabled_at = datetime.fromEpoch($at_s, $at_ns), t.disabled_reason = $reason
