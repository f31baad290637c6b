// A page of all identifiers by key, with their labels.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(key)
WHERE i.key > $after
WITH i ORDER BY i.key LIMIT $limit
RETURN i.key AS key, elementId(i) AS ref, head([name IN labels(i) WHERE name <> 'Identifier']) AS label
