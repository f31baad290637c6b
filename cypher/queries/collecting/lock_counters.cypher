// Wait for all units of work that began before: each holds the lock of its writer.
MATCH (n:IngestCounter)
WHERE n.writer >= ''
WITH n ORDER BY n.writer
REMOVE n.locked
