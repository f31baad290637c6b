// Drop a key.
MATCH (k:AccessKey {id: $kind + '/' + $name})
USING INDEX SEEK k:AccessKey(id)
DELETE k
RETURN count(*) AS deleted
