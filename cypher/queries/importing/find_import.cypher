// How far a file was imported.
MATCH (i:Import {key: $key})
USING INDEX SEEK i:Import(key)
RETURN i.records AS records,
       i.accepted AS accepted,
       i.duplicates AS duplicates,
       i.rejected AS rejected,
       i.rejects_bytes AS rejects_bytes,
       i.finished_at.epochSeconds * 1000000 + i.finished_at.microsecond AS finished_at
