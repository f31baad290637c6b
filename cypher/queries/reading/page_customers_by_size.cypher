// A page of the customers, the largest first; merged ones have no size.
// Two parts, so that each walks the index: what is left of the size at the cursor, then all smaller ones.
CALL () {
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(size, id)
  WHERE c.size = $before AND c.id < $before_id
  RETURN c ORDER BY c.size DESC, c.id DESC LIMIT $limit
  UNION ALL
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(size, id)
  WHERE c.size < $before AND c.id IS NOT NULL
  RETURN c ORDER BY c.size DESC, c.id DESC LIMIT $limit
}
WITH c ORDER BY c.size DESC, c.id DESC LIMIT $limit
RETURN c.id AS id,
       c.created_at.epochSeconds * 1000000 + c.created_at.microsecond AS created_at,
       c.first_seen.epochSeconds * 1000000 + c.first_seen.microsecond AS first_seen,
       c.last_seen.epochSeconds * 1000000 + c.last_seen.microsecond AS last_seen,
       c.size AS size
ORDER BY c.size DESC, id DESC
