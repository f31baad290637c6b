// A page of all customers by id, those that are no more left out, up to one of them.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(id)
WHERE c.id > $after AND c.id <= $until AND NOT c:Former
RETURN c.id AS customer_id ORDER BY c.id LIMIT $limit
