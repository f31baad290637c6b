// All identifiers of these customers.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK c:Customer(id)
RETURN c.id AS customer_id, i.key AS key, elementId(i) AS ref,
  instant(i.first_seen) AS first_seen,
  instant(i.last_seen) AS last_seen,
  i.partners AS partners, coalesce(i.quarantined, false) AS quarantined, coalesce(i.ambiguous, false) AS ambiguous,
  coalesce(i.judged, false) AS judged, coalesce(i.overruled, false) AS overruled
