// All links of these identifiers, quarantined ones, with the customers that they lead to.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[link:OBSERVED_WITH]-(j:Identifier)-[:BELONGS_TO]->(other:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key, j.key AS other_key, other.id AS other_customer_id, coalesce(j.quarantined, false) AS other_quarantined,
  link.first_seen.epochSeconds * 1000000 + link.first_seen.microsecond AS first_seen,
  link.last_seen.epochSeconds * 1000000 + link.last_seen.microsecond AS last_seen
