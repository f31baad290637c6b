// Identifiers by their keys, each with the customer that it belongs to: every way in by an identifier starts here.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       head([label IN labels(i) WHERE label <> 'Identifier']) AS label,
       i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
       i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
       coalesce(i.quarantined, false) AS quarantined,
       c.id AS customer_id,
       c.created_at.epochSeconds * 1000000 + c.created_at.microsecond AS customer_created_at,
       c.first_seen.epochSeconds * 1000000 + c.first_seen.microsecond AS customer_first_seen,
       c.last_seen.epochSeconds * 1000000 + c.last_seen.microsecond AS customer_last_seen
