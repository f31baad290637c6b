// Sessions by their ids, as far as they are there.
UNWIND $ids AS id
MATCH (s:Session {id: id})
USING INDEX SEEK s:Session(id)
RETURN s.id AS id, elementId(s) AS ref
