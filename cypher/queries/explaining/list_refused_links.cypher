// Links that lead from these customers to others, at most $limit of each: first those without a quarantined end, then
// the newest.
UNWIND $ids AS id
CALL (id) {
  MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK c:Customer(id)
  MATCH (i)-[link:OBSERVED_WITH]-(j:Identifier)
  MATCH (j)-[:BELONGS_TO]->(other:Customer)
  WHERE other <> c
  WITH i, j, link, other, i.quarantined IS NOT NULL OR j.quarantined IS NOT NULL AS is_quarantined
  RETURN i, j, link, other, is_quarantined
  ORDER BY is_quarantined, link.last_seen DESC, i.key, j.key LIMIT $limit
}
RETURN id AS customer_id, i.key AS key, j.key AS other_key, other.id AS other_customer_id, is_quarantined,
  instant(link.first_seen) AS first_seen,
  instant(link.last_seen) AS last_seen,
  link.count AS observation_count, link.sources AS sources,
  instant(link.refused_at) AS refused_at
