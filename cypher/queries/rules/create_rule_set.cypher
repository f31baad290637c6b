// Write down rules that are in force from now on; `replaces` names the versions under which customers may still stand.
CREATE (:RuleSet {
  version: $version, yaml: $yaml, fingerprint: $fingerprint, applied_by: $applied_by, status: $status,
  progress: CASE $status WHEN 'ACTIVE' THEN 1.0 ELSE 0.0 END, replaces: $replaces, reading: $reading,
  applied_at: datetime.fromEpoch($at_s, $at_ns)
})
