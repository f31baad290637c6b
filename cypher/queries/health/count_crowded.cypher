// How many identifiers of each namespace come close to being quarantined.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(crowding)
WHERE i.crowding >= $percent AND i.crowding <= 100
WITH i WHERE i.quarantined IS NULL AND i.overruled IS NULL
RETURN i.namespace AS namespace, count(*) AS identifiers
ORDER BY namespace
