// Delete the checkpoints of fewer entries than one.
MATCH (c:AuditCheckpoint)
USING INDEX SEEK c:AuditCheckpoint(count)
WHERE c.count < $before
DELETE c
