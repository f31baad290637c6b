// Keep a rule of alerts as it is given.
MERGE (r:AlertRule {id: $id})
ON CREATE SET r.created_at = datetime.fromEpoch($at_s, $at_ns)
SET r.name = $name, r.rule = $rule, r.repeat_after = $repeat_after, r.quiet_from = $quiet_from, r.quiet_to = $quiet_to,
  r.disabled = CASE WHEN $enabled THEN null ELSE true END, r.updated_at = datetime.fromEpoch($at_s, $at_ns)
