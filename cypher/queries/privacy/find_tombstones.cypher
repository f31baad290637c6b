// Which of these hashes are tombstones, and when what is under each was erased.
UNWIND $hashes AS hash
MATCH (t:Tombstone {hash: hash})
USING INDEX SEEK t:Tombstone(hash)
RETURN t.hash AS hash, instant(t.erased_at) AS erased_at
