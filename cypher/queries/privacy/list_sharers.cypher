// The other customers that were seen together with some identifiers.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:OBSERVED_WITH]-(other:Identifier)-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
WHERE NOT other.key IN $keys
RETURN DISTINCT c.id AS customer_id
ORDER BY customer_id
