// Rules of some versions.
UNWIND $versions AS version
MATCH (r:RuleSet {version: version})
USING INDEX SEEK r:RuleSet(version)
RETURN r.version AS version, r.yaml AS yaml, r.fingerprint AS fingerprint, r.applied_by AS applied_by,
  instant(r.applied_at) AS applied_at, r.status AS status,
  CASE WHEN r.status = 'ACTIVE' THEN 1.0 ELSE coalesce(r.progress, 1.0) END AS progress, r.error AS error, coalesce(r.replaces, []) AS replaces,
  coalesce(r.reading, 1) AS reading
