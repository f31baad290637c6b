// Write this writer's counters of what was taken in.
MERGE (n:IngestCounter {writer: $writer})
ON CREATE SET n.dead_lettered = 0
SET n.accepted = $accepted, n.duplicates = $duplicates, n.ignored = $ignored
