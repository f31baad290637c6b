// Biggest customers: those with the most identifiers
// guide: People
// plan: NodeByLabelScan because that is quicker than the index on a small graph
MATCH (c:Customer)
WHERE c.size > 0
WITH c ORDER BY c.size DESC LIMIT 25
RETURN c.id AS customer, c.size AS identifiers, c.first_seen AS first_seen, c.last_seen AS last_seen,
  COLLECT { MATCH (c)<-[:BELONGS_TO]-(i:Identifier) RETURN DISTINCT i.namespace ORDER BY i.namespace } AS namespaces
ORDER BY identifiers DESC
