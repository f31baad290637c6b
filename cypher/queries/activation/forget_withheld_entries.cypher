// Forget that destinations were told of entries, which were withheld: they are told of the next ones.
UNWIND $rows AS row
MATCH (t:ToldEntry {key: row.key})
USING INDEX SEEK t:ToldEntry(key)
WHERE t.entered_at = datetime.fromEpoch(row.at_s, row.at_ns)
SET t.inside = null, t.entered_at = null
