// All links of these customers' identifiers, those that lead to other customers too, but for links of quarantined ones.
// Nothing is locked: the answer is for readers.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK c:Customer(id)
WHERE i.quarantined IS NULL
MATCH (i)-[link:OBSERVED_WITH]-(j:Identifier)-[:BELONGS_TO]->(other:Customer)
WHERE j.quarantined IS NULL AND (other <> c OR startNode(link) = i)
RETURN c.id AS customer_id, i.key AS key, j.key AS other_key, other.id AS other_customer_id,
  coalesce(other.rule_version, 1) AS other_rule_version,
  startNode(link) = i AS outgoing,
  instant(link.first_seen) AS first_seen,
  instant(link.last_seen) AS last_seen,
  link.count AS observation_count, link.sources AS sources, link.witness AS witness
