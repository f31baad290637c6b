// Keep a checkpoint, unless there is one of as many entries.
MERGE (c:AuditCheckpoint {count: $count})
ON CREATE SET c.checkpoint = $checkpoint
