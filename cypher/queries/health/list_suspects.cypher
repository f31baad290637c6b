// Identifiers that come close to being quarantined, the most crowded first.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(crowding)
WHERE i.crowding >= 50 AND i.crowding <= 100
WITH i WHERE i.quarantined IS NULL AND i.overruled IS NULL
WITH i ORDER BY i.crowding DESC, i.key DESC LIMIT $limit
RETURN i.key AS key, i.partners AS partners, i.crowding AS crowding
ORDER BY crowding DESC, key DESC
