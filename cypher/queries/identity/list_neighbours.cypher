// The customers of all identifiers that were observed together with these.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})-[:OBSERVED_WITH]-(:Identifier)-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK identifier:Identifier(key)
RETURN DISTINCT c.id AS customer_id
