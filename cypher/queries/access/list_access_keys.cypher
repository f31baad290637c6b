// All keys, revoked ones too, with the hashes of their secrets.
MATCH (k:AccessKey)
WHERE k.id >= ''
RETURN k.id AS id, k.name AS name, k.scopes AS scopes, k.sha256 AS sha256, k.previous_sha256 AS previous_sha256,
  instant(k.previous_until) AS previous_until, instant(k.created_at) AS created_at,
  instant(k.last_used_at) AS last_used_at, instant(k.expires_at) AS expires_at, instant(k.revoked_at) AS revoked_at
ORDER BY k.name, k.id
