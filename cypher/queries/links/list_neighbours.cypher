// The customers of all identifiers that were observed together with these.
UNWIND $keys AS key
MATCH (:Identifier {key: key})-[:OBSERVED_WITH]-(:Identifier)-[:BELONGS_TO]->(c:Customer)
RETURN DISTINCT c.id AS customer_id
