// All catalogues that were ever applied, the latest first.
MATCH (c:Catalogue)
WHERE c.version > 0 AND c.version < $before
RETURN c.version AS version, c.yaml AS yaml, c.fingerprint AS fingerprint, c.applied_by AS applied_by,
  instant(c.applied_at) AS applied_at, c.status AS status,
  CASE WHEN c.status = 'ACTIVE' THEN 1.0 ELSE coalesce(c.progress, 1.0) END AS progress, c.error AS error,
  c.replaces AS replaces, c.derivation AS derivation
ORDER BY c.version DESC LIMIT $limit
