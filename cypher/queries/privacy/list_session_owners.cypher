// The identifiers that the sessions of some visitors belong to.
UNWIND $visitors AS visitor
MATCH (s:Session)
USING INDEX SEEK s:Session(visitor, started_at)
WHERE s.visitor = visitor AND s.started_at IS NOT NULL
MATCH (s)-[:OF]->(i:Identifier)
RETURN DISTINCT i.key AS key
