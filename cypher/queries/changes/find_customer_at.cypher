// Whom a customer's id led to at a moment: itself, or the one that it had been merged into by then.
MATCH path = (customer:Customer {id: $id})-[:MERGED_INTO*0..]->(c:Customer)
USING INDEX SEEK customer:Customer(id)
WHERE ALL(merge IN relationships(path) WHERE merge.at <= datetime($at))
RETURN c.id AS customer_id, instant(c.created_at) AS created_at
ORDER BY length(path) DESC LIMIT 1
