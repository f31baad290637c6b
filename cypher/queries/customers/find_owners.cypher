// The customers of these identifiers, as far as they are known.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key, c.id AS customer_id
