// Sessions by their ids, as far as they are there.
UNWIND $ids AS id
MATCH (s:Session {id: id})
RETURN s.id AS id, elementId(s) AS ref
