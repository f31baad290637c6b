// All identifiers of these customers.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK c:Customer(id)
RETURN c.id AS customer_id, i.key AS key, elementId(i) AS ref,
  i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
  i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
  i.partners AS partners, coalesce(i.quarantined, false) AS quarantined, coalesce(i.ambiguous, false) AS ambiguous,
  coalesce(i.judged, false) AS judged, coalesce(i.overruled, false) AS overruled
