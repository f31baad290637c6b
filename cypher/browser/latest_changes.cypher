// Latest changes: which customers merged, split, or gave an identifier away
// plan: NodeByLabelScan because that is quicker than the index on a small graph
MATCH (change:Change)
WHERE change.at IS NOT NULL
WITH change ORDER BY change.at DESC LIMIT 50
RETURN change.at AS at, change.kind AS what, change.trigger_id AS because_of,
  COLLECT { MATCH (change)-[:AFFECTED]->(c:Customer) RETURN c.id } AS customers
ORDER BY at DESC
