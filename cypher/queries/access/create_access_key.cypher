// Keep a new key, as a hash; fails when there is an open one of that name.
CREATE (:AccessKey {
  id: $id, open_name: $open_name, name: $name, scopes: $scopes, sha256: $sha256,
  created_at: datetime.fromEpoch($created_s, $created_ns),
  expires_at: CASE WHEN $expires_s IS NULL THEN null ELSE datetime.fromEpoch($expires_s, $expires_ns) END
})
