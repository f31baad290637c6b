// All keys that open the service, as hashes.
MATCH (k:AccessKey)
WHERE k.id >= ''
RETURN k.kind AS kind, k.name AS name, k.sha256 AS sha256,
  k.created_at.epochSeconds * 1000000 + k.created_at.microsecond AS created_at
ORDER BY k.id
