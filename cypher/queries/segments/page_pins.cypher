// A page of what people decided about members of a segment.
MATCH (p:Pin)
USING INDEX SEEK p:Pin(segment_id, key)
WHERE p.segment_id = $segment_id AND p.key > $after
MATCH (p)-[:PINS]->(:Identifier)-[:BELONGS_TO]->(c:Customer)
WHERE NOT c:Restricted
RETURN p.key AS key, p.segment_id AS segment_id, c.id AS customer_id, p.member AS member, p.reason AS reason,
  p.actor AS actor, instant(p.at) AS at
ORDER BY p.segment_id, p.key LIMIT $limit
