// The customers of these identifiers, as far as they are known, and the rules under which they were last resolved.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key, c.id AS customer_id, coalesce(c.rule_version, 1) AS rule_version
