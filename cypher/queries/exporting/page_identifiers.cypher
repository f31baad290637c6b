// A page of all identifiers with their customers, in the order of their keys, after one key and before another.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(key)
WHERE i.key > $after AND i.key < $before
WITH i ORDER BY i.key LIMIT $limit
MATCH (i)-[:BELONGS_TO]->(c:Customer)
RETURN i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       c.id AS customer_id,
       i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
       i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
       c.created_at.epochSeconds * 1000000 + c.created_at.microsecond AS customer_created_at
ORDER BY key
