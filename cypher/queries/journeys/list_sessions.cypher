// All sessions of these visitors.
UNWIND $visitors AS visitor
MATCH (s:Session)
USING INDEX SEEK s:Session(visitor, started_at)
WHERE s.visitor = visitor AND s.started_at IS NOT NULL
RETURN s.id AS id, elementId(s) AS ref
