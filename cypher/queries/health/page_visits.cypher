// Sessions in the order of their ids, and whether each has events, one owner and a beginning.
MATCH (s:Session)
USING INDEX SEEK s:Session(id)
WHERE s.id > $after
WITH s ORDER BY s.id LIMIT $limit
RETURN s.id AS id,
  s.visitor IS NOT NULL AND s.started_at IS NOT NULL AND EXISTS { (s)<-[:IN]-(:Event) }
    AND COUNT { (s)-[:OF]->(:Identifier) } = 1 AS whole,
  COLLECT { MATCH (s)<-[:IN]-(e:Event)-[:OBSERVED]->(i:Identifier) RETURN DISTINCT i.key } AS keys
ORDER BY id
