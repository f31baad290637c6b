// Write this writer's counters of what was taken in.
MERGE (n:IngestCounter {writer: $writer})
SET n.accepted = $accepted, n.duplicates = $duplicates, n.dead_lettered = $dead_lettered, n.ignored = $ignored
