// Lock these identifiers in the order given and read them, each with its customer.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
REMOVE i.locked
WITH i
MATCH (i)-[:BELONGS_TO]->(c:Customer)
RETURN i.key AS key, elementId(i) AS ref,
  instant(i.first_seen) AS first_seen,
  instant(i.last_seen) AS last_seen,
  i.partners AS partners, coalesce(i.quarantined, false) AS quarantined, coalesce(i.ambiguous, false) AS ambiguous,
  coalesce(i.judged, false) AS judged, coalesce(i.overruled, false) AS overruled,
  c.id AS customer_id,
  instant(c.updated_at) AS customer_updated_at
