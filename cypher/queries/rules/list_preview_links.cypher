// All links of these customers' identifiers, the ones that are left out aside, with what tells whether the far end is
// quarantined when it is another customer's. Nothing is locked.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK c:Customer(id)
WHERE NOT i.key IN $left_out
MATCH (i)-[link:OBSERVED_WITH]-(j:Identifier)-[:BELONGS_TO]->(other:Customer)
WHERE other <> c OR startNode(link) = i
RETURN i.key AS key, j.key AS other_key,
  CASE WHEN other = c THEN null ELSE other.id END AS other_customer_id,
  CASE WHEN other = c OR j.overruled THEN null ELSE j.partners END AS other_partners,
  startNode(link) = i AS outgoing,
  instant(link.first_seen) AS first_seen,
  instant(link.last_seen) AS last_seen
