// Quarantine: identifiers that were seen with too many people and count as shared
// plan: NodeByLabelScan because it looks at every identifier
MATCH (i:Identifier)
WHERE i.quarantined
RETURN i.key AS identifier, i.first_seen AS first_seen, i.last_seen AS last_seen,
  COUNT { (i)-[:OBSERVED_WITH]-(:Identifier) } AS links
ORDER BY links DESC LIMIT 100
