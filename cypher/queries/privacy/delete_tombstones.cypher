// Lift tombstones.
UNWIND $hashes AS hash
MATCH (t:Tombstone {hash: hash})
USING INDEX SEEK t:Tombstone(hash)
DELETE t
