// How far a file was imported.
MATCH (i:Import {key: $key})
USING INDEX SEEK i:Import(key)
RETURN i.records AS records,
       i.accepted AS accepted,
       i.duplicates AS duplicates,
       coalesce(i.skipped, 0) AS skipped,
       i.rejected AS rejected,
       i.rejects_bytes AS rejects_bytes,
       instant(i.finished_at) AS finished_at
