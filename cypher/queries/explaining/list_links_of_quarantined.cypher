// All links of these identifiers, quarantined ones, with the customers that they lead to.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[link:OBSERVED_WITH]-(j:Identifier)-[:BELONGS_TO]->(other:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key, j.key AS other_key, other.id AS other_customer_id, coalesce(j.quarantined, false) AS other_quarantined,
  instant(link.first_seen) AS first_seen,
  instant(link.last_seen) AS last_seen
