// A page of the links that lead from some customers to others, in the order of their keys, with the reason of the refusal.
// Whom a customer was judged to differ from is found once for each customer, not for each link.
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {id: customer_id})
USING INDEX SEEK c:Customer(id)
CALL (c) {
  MATCH (c)<-[:BELONGS_TO]-(judged:Identifier)
  WHERE c.judged AND judged.judged
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_a)
  WHERE j.key_a = judged.key AND j.verdict = 'different' AND j.withdrawn_at IS NULL
  RETURN j.key_b AS key
  UNION
  MATCH (c)<-[:BELONGS_TO]-(judged:Identifier)
  WHERE c.judged AND judged.judged
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_b)
  WHERE j.key_b = judged.key AND j.verdict = 'different' AND j.withdrawn_at IS NULL
  RETURN j.key_a AS key
  UNION
  RETURN null AS key
}
WITH customer_id, c, collect(key) AS differing
CALL (c, differing) {
  UNWIND differing AS key
  MATCH (identifier:Identifier {key: key})-[:BELONGS_TO]->(other:Customer)
  USING INDEX SEEK identifier:Identifier(key)
  RETURN collect(other) AS different
}
CALL (c) {
  MATCH (c)<-[:BELONGS_TO]-(inside:Identifier)
  MATCH (inside)-[l:OBSERVED_WITH]-(outside:Identifier)
  MATCH (outside)-[:BELONGS_TO]->(other:Customer)
  WHERE other <> c AND NOT other:Restricted
  WITH c, other, l, startNode(l) AS a, endNode(l) AS b
  WHERE a.key > $after_a OR (a.key = $after_a AND b.key > $after_b)
  RETURN other, l, a, b ORDER BY a.key, b.key LIMIT $limit
}
RETURN customer_id,
       a.key AS a,
       b.key AS b,
       instant(l.first_seen) AS first_seen,
       instant(l.last_seen) AS last_seen,
       l.count AS observation_count,
       l.sources AS sources,
       CASE
         WHEN coalesce(a.quarantined, false) OR coalesce(b.quarantined, false) THEN 'quarantined'
         WHEN coalesce(a.ambiguous, false) OR coalesce(b.ambiguous, false) THEN 'ambiguous_owner'
         WHEN other IN different THEN 'judged_different'
         WHEN c.size + other.size > $max_identifiers THEN 'customer_full'
         ELSE 'limit_exceeded'
       END AS refused
ORDER BY a, b
