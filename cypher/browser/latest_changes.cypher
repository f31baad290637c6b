// Latest changes: which customers merged, split, or lost an identifier
// guide: Changes
// plan: NodeByLabelScan because that is quicker than the index on a small graph
MATCH (change:Change)
WHERE change.position > 0
WITH change ORDER BY change.position DESC LIMIT 50
RETURN change.position AS position, change.at AS at, change.kind AS what, change.trigger_kind AS because_of,
  change.trigger_id AS which, COLLECT { MATCH (change)-[:AFFECTED]->(c:Customer) RETURN c.id } AS customers
ORDER BY position DESC
