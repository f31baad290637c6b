// How many orders there are of which events tell that belong to these identifiers.
UNWIND $keys AS key
MATCH (e:Event)-[:REPORTS]->(o:Order)
USING INDEX SEEK e:Event(owner, occurred_at, received_at)
WHERE e.owner = key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
RETURN count(DISTINCT o) AS total
