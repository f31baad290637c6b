// A page of all customers by id, with when each was first and last seen.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(id)
WHERE c.id > $after AND NOT c:Former AND NOT c:Restricted
RETURN c.id AS id, instant(c.first_seen) AS first_seen, instant(c.last_seen) AS last_seen
ORDER BY c.id LIMIT $limit
