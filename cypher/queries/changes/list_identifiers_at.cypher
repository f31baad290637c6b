// The identifiers that some customers had at a moment, as was known then.
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {id: customer_id})<-[b:BELONGS_TO|BELONGED_TO]-(i)
USING INDEX SEEK c:Customer(id)
WHERE b.since <= datetime($at) AND (b.until IS NULL OR b.until > datetime($at))
  AND (NOT EXISTS { (i)-[:BELONGS_TO]->(:Restricted) })
RETURN customer_id, i.key AS key, i.namespace AS namespace, i.value AS value,
  coalesce(i.label, head([name IN labels(i) WHERE name <> 'Identifier'])) AS label,
  instant(i.first_seen) AS first_seen,
  instant(i.last_seen) AS last_seen,
  coalesce(i.quarantined, false) AS quarantined
