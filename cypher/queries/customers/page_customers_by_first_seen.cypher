// A page of the customers, those first seen last first.
// Two parts, so that each walks the index: what is left of the tie at the cursor, then all that comes after it.
CALL () {
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(first_seen)
  WHERE c.first_seen = datetime($before) AND c.id < $before_id AND NOT c:Former AND NOT c:Restricted
  RETURN c ORDER BY c.id DESC LIMIT $limit
  UNION ALL
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(first_seen)
  WHERE c.first_seen < datetime($before) AND NOT c:Former AND NOT c:Restricted
  RETURN c ORDER BY c.first_seen DESC, c.id DESC LIMIT $limit
}
WITH c ORDER BY c.first_seen DESC, c.id DESC LIMIT $limit
RETURN c.id AS id,
       instant(c.created_at) AS created_at,
       instant(c.first_seen) AS first_seen,
       instant(c.last_seen) AS last_seen,
       c.size AS size
ORDER BY c.first_seen DESC, id DESC
