// Put other rules in the place of those that nothing was resolved under yet.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
SET r.yaml = $yaml, r.fingerprint = $fingerprint, r.applied_by = $applied_by, r.reading = $reading,
  r.applied_at = datetime.fromEpoch($at_s, $at_ns)
