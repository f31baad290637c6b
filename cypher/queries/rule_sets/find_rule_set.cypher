// The rules that the graph is resolved under, if any were applied yet.
MATCH (r:RuleSet)
WHERE r.version > 0 AND r.status = 'ACTIVE'
RETURN r.version AS version, r.yaml AS yaml, r.fingerprint AS fingerprint, r.applied_by AS applied_by,
  r.applied_at.epochSeconds * 1000000 + r.applied_at.microsecond AS applied_at
ORDER BY r.version DESC LIMIT 1
