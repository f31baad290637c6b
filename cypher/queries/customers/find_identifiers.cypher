// Identifiers by their keys, each with the customer that it belongs to: every way in by an identifier starts here.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       head([label IN labels(i) WHERE label <> 'Identifier']) AS label,
       instant(i.first_seen) AS first_seen,
       instant(i.last_seen) AS last_seen,
       coalesce(i.quarantined, false) AS quarantined,
       c.id AS customer_id,
       instant(c.created_at) AS customer_created_at,
       instant(c.first_seen) AS customer_first_seen,
       instant(c.last_seen) AS customer_last_seen,
       instant(c.restricted_at) AS restricted_at,
       c.restricted_by AS restricted_by
