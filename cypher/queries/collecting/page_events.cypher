// A page of all events by id, with the identifiers as they came.
MATCH (e:Event)
USING INDEX SEEK e:Event(id)
WHERE e.id > $after
WITH e ORDER BY e.id LIMIT $limit
RETURN e.id AS id, e.identifiers AS identifiers
