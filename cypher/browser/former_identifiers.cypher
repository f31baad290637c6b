// Former identifiers: those of which no evidence is left, and whose they were
// plan: NodeByLabelScan because little is ever taken back
MATCH (i:FormerIdentifier)-[was:BELONGED_TO]->(c:Customer)
RETURN i.key AS identifier, i.first_seen AS first_seen, i.last_seen AS last_seen, c.id AS customer, was.since AS since,
  was.until AS until
ORDER BY until DESC LIMIT 100
