// Take from links of identifiers that hold, or have a quarantined end, since when they were refused and why.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
MATCH (i)-[link:OBSERVED_WITH]-(j:Identifier)-[:BELONGS_TO]->(other:Customer)
WHERE (link.refused_at IS NOT NULL OR link.witness IS NOT NULL) AND (other = c OR i.quarantined OR j.quarantined)
REMOVE link.refused_at, link.witness
