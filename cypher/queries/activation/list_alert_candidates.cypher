// Some events that are to be looked at for alerts.
MATCH (c:AlertCandidate)
USING INDEX SEEK c:AlertCandidate(id)
WHERE c.id >= ''
RETURN c.id AS id LIMIT $limit
