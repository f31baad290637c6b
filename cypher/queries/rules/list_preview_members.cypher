// All identifiers of these customers, with what tells whether they are quarantined under other rules.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK c:Customer(id)
WHERE i.partners IS NOT NULL
RETURN id AS customer_id, i.key AS key,
  instant(i.last_seen) AS last_seen,
  CASE WHEN i.overruled THEN null ELSE i.partners END AS partners
