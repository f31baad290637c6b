// Write down the first rules of a graph.
CREATE (:RuleSet {
  version: $version, yaml: $yaml, fingerprint: $fingerprint, applied_by: $applied_by, status: 'ACTIVE',
  applied_at: datetime.fromEpoch($at_s, $at_ns)
})
