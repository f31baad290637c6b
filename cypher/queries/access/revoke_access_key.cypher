// Revoke a key; its name is free again.
MATCH (k:AccessKey {id: $id})
USING INDEX SEEK k:AccessKey(id)
WHERE k.revoked_at IS NULL
SET k.revoked_at = datetime.fromEpoch($at_s, $at_ns)
REMOVE k.open_name, k.previous_sha256, k.previous_until
RETURN count(*) AS revoked
