// What people decided about members of some segments, the newest first.
UNWIND $segment_ids AS segment_id
MATCH (p:Pin)
USING INDEX SEEK p:Pin(segment_id, key)
WHERE p.segment_id = segment_id AND p.key >= ''
MATCH (p)-[:PINS]->(:Identifier)-[:BELONGS_TO]->(c:Customer)
RETURN p.segment_id AS segment_id, c.id AS customer_id, p.member AS member, p.reason AS reason, p.actor AS actor,
  instant(p.at) AS at
ORDER BY p.at DESC, p.key
