// Keep a new key, as a hash; fails when there is one of that kind and name.
CREATE (:AccessKey {
  id: $kind + '/' + $name, kind: $kind, name: $name, sha256: $sha256,
  created_at: datetime.fromEpoch($created_s, $created_ns)
})
