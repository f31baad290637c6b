// Refused links: seen together, but different customers
// guide: People
// plan: NodeByLabelScan because it goes through all links until it has a hundred
MATCH (a:Identifier)-[link:OBSERVED_WITH]->(b:Identifier)
WHERE link.witness IS NOT NULL OR a.quarantined OR b.quarantined
RETURN a, link, b,
  CASE
    WHEN a.quarantined OR b.quarantined THEN 'quarantined'
    WHEN a.ambiguous OR b.ambiguous THEN 'ambiguous_owner'
    WHEN link.witness STARTS WITH '["different"' THEN 'judged_different'
    WHEN link.witness STARTS WITH '["pending"' THEN 'waits until other rules are applied'
    ELSE 'limit_exceeded or customer_full'
  END AS why
LIMIT 100
