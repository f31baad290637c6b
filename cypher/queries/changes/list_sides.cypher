// Who was whose just before and just after some changes: of the customers that they are about.
UNWIND $ids AS id
MATCH (change:Change {id: id})-[:AFFECTED]->(c:Customer)
USING INDEX SEEK change:Change(id)
MATCH (c)<-[b:BELONGS_TO|BELONGED_TO]-(i)
WHERE b.since <= change.at AND (b.until IS NULL OR b.until >= change.at)
  AND (NOT EXISTS { (i)-[:BELONGS_TO]->(:Restricted) })
RETURN id, c.id AS customer_id, i.key AS key, i.namespace AS namespace, i.value AS value,
  coalesce(i.label, head([name IN labels(i) WHERE name <> 'Identifier'])) AS label,
  instant(i.first_seen) AS first_seen,
  instant(i.last_seen) AS last_seen,
  coalesce(i.quarantined, false) AS quarantined,
  b.since < change.at AS before, b.until IS NULL OR b.until > change.at AS after
ORDER BY key
