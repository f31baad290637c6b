// Write down a catalogue that is in force from now on; `replaces` names the versions under which profiles may still stand.
CREATE (:Catalogue {
  version: $version, yaml: $yaml, fingerprint: $fingerprint, applied_by: $applied_by, status: $status,
  progress: CASE $status WHEN 'ACTIVE' THEN 1.0 ELSE 0.0 END, replaces: $replaces, derivation: $derivation,
  applied_at: datetime.fromEpoch($at_s, $at_ns)
})
