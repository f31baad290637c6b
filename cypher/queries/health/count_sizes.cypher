// How many customers have one, two, three … identifiers, read off the index.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(size, id)
WHERE c.size > 0 AND c.id IS NOT NULL
RETURN c.size AS size, count(*) AS customers
ORDER BY size
