// Drop a key.
MATCH (k:AccessKey {id: $kind + '/' + $name})
DELETE k
RETURN count(*) AS deleted
