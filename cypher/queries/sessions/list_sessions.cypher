// All sessions of these visitors.
UNWIND $visitors AS visitor
MATCH (s:Session)
WHERE s.visitor = visitor
RETURN s.id AS id, elementId(s) AS ref
