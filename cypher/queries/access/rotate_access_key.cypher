// Give a key another secret; the one that it had is good for a while longer.
MATCH (k:AccessKey {id: $id})
USING INDEX SEEK k:AccessKey(id)
WHERE k.revoked_at IS NULL
SET
  k.previous_sha256 = k.sha256,
  k.previous_until = datetime.fromEpoch($until_s, $until_ns),
  k.sha256 = $sha256
RETURN count(*) AS rotated
