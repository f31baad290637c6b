// Refused links: seen together, and yet not one customer
// plan: NodeByLabelScan because it goes through all links until it has a hundred
MATCH (a:Identifier)-[link:OBSERVED_WITH]->(b:Identifier)
WHERE link.witness IS NOT NULL OR a.quarantined OR b.quarantined
RETURN a, link, b,
  CASE
    WHEN a.quarantined OR b.quarantined THEN 'quarantined'
    WHEN a.ambiguous OR b.ambiguous THEN 'ambiguous_owner'
    ELSE 'limit_exceeded or customer_full'
  END AS why
LIMIT 100
