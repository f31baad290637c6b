// The ids of some customers, in their order, after an id that may be none.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(id)
WHERE c.id > $after AND NOT c:Former
RETURN c.id AS id ORDER BY c.id LIMIT $limit
