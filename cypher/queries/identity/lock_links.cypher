// All links of these customers' identifiers, those that lead to other customers too, but for links of quarantined ones
// (the released are not, from this commit on). Each is locked before it is read: two writers on its two sides see each
// other's witness.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK c:Customer(id)
WHERE i.quarantined IS NULL OR i.key IN $released
MATCH (i)-[link:OBSERVED_WITH]-(j:Identifier)-[:BELONGS_TO]->(other:Customer)
WHERE (j.quarantined IS NULL OR j.key IN $released) AND (other <> c OR startNode(link) = i)
REMOVE link.locked
RETURN i.key AS key, j.key AS other_key, other.id AS other_customer_id, coalesce(other.rule_version, 1) AS other_rule_version,
  startNode(link) = i AS outgoing,
  instant(link.first_seen) AS first_seen,
  instant(link.last_seen) AS last_seen,
  link.witness AS witness
