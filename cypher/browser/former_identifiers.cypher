// Former identifiers: those whose last evidence was removed, and their customers
// plan: NodeByLabelScan because little is ever taken back
MATCH (i:FormerIdentifier)-[was:BELONGED_TO]->(c:Customer)
RETURN i.key AS identifier, i.first_seen AS first_seen, i.last_seen AS last_seen, c.id AS customer, was.since AS since,
  was.until AS until
ORDER BY until DESC LIMIT 100
