// All checkpoints that are kept, by how many entries they cover.
MATCH (c:AuditCheckpoint)
USING INDEX SEEK c:AuditCheckpoint(count)
WHERE c.count >= 0
RETURN c.count AS entries, c.checkpoint AS checkpoint
ORDER BY entries
