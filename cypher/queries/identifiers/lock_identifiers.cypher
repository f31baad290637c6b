// Lock these identifiers in the order given and read them, each with its customer.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
REMOVE i.locked
WITH i
MATCH (i)-[:BELONGS_TO]->(c:Customer)
RETURN i.key AS key, elementId(i) AS ref,
  i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
  i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
  i.partners AS partners, coalesce(i.quarantined, false) AS quarantined, coalesce(i.ambiguous, false) AS ambiguous,
  coalesce(i.judged, false) AS judged, coalesce(i.overruled, false) AS overruled,
  c.id AS customer_id,
  c.updated_at.epochSeconds * 1000000 + c.updated_at.microsecond AS customer_updated_at
