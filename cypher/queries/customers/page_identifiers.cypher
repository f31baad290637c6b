// A page of all identifiers with their customers, in the order of their keys, after one key and before another.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(key)
WHERE i.key > $after AND i.key < $before
  AND (NOT EXISTS { (i)-[:BELONGS_TO]->(:Restricted) })
WITH i ORDER BY i.key LIMIT $limit
MATCH (i)-[:BELONGS_TO]->(c:Customer)
RETURN i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       c.id AS customer_id,
       instant(i.first_seen) AS first_seen,
       instant(i.last_seen) AS last_seen,
       instant(c.created_at) AS customer_created_at
ORDER BY key
