// What one writer has counted so far.
MATCH (n:IngestCounter {writer: $writer})
USING INDEX SEEK n:IngestCounter(writer)
RETURN n.accepted AS accepted, n.duplicates AS duplicates, n.dead_lettered AS dead_lettered, n.ignored AS ignored
