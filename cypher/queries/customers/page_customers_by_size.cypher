// A page of the customers, the largest first; merged ones have no size.
// Two parts, so that each walks the index: what is left of the size at the cursor, then all smaller ones.
CALL () {
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(size, id)
  WHERE c.size = $before AND c.id < $before_id AND NOT c:Restricted
  RETURN c ORDER BY c.size DESC, c.id DESC LIMIT $limit
  UNION ALL
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(size, id)
  WHERE c.size < $before AND c.id IS NOT NULL AND NOT c:Restricted
  RETURN c ORDER BY c.size DESC, c.id DESC LIMIT $limit
}
WITH c ORDER BY c.size DESC, c.id DESC LIMIT $limit
RETURN c.id AS id,
       instant(c.created_at) AS created_at,
       instant(c.first_seen) AS first_seen,
       instant(c.last_seen) AS last_seen,
       c.size AS size
ORDER BY c.size DESC, id DESC
