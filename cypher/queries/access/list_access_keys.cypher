// All keys that open the service, as hashes.
MATCH (k:AccessKey)
WHERE k.id >= ''
RETURN k.kind AS kind, k.name AS name, k.sha256 AS sha256,
  instant(k.created_at) AS created_at
ORDER BY k.id
