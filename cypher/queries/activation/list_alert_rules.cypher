// All rules of alerts, by id.
MATCH (r:AlertRule)
USING INDEX SEEK r:AlertRule(id)
WHERE r.id >= ''
RETURN r.id AS id, r.name AS name, r.rule AS rule, r.repeat_after AS repeat_after, r.quiet_from AS quiet_from,
  r.quiet_to AS quiet_to, r.disabled IS NULL AS enabled, instant(r.created_at) AS created_at,
  instant(r.updated_at) AS updated_at
ORDER BY id
