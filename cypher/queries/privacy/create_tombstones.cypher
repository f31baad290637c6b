// Keep tombstones of what was erased.
UNWIND $hashes AS hash
MERGE (t:Tombstone {hash: hash})
SET t.erased_at = datetime.fromEpoch($at_s, $at_ns)
