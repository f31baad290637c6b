// All rules that were ever applied, the latest first.
MATCH (r:RuleSet)
WHERE r.version > 0 AND r.version < $before
RETURN r.version AS version, r.yaml AS yaml, r.fingerprint AS fingerprint, r.applied_by AS applied_by,
  instant(r.applied_at) AS applied_at, r.status AS status,
  CASE WHEN r.status = 'ACTIVE' THEN 1.0 ELSE coalesce(r.progress, 1.0) END AS progress, r.error AS error, coalesce(r.replaces, []) AS replaces,
  coalesce(r.reading, 1) AS reading
ORDER BY r.version DESC LIMIT $limit
