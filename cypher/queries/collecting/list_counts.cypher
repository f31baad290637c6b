// The counters of all writers.
MATCH (n:IngestCounter)
WHERE n.writer >= ''
RETURN n.accepted AS accepted, n.duplicates AS duplicates, n.dead_lettered AS dead_lettered, n.ignored AS ignored
