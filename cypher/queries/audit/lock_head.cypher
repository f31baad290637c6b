// Lock the end of the audit log and read it; tell whether an entry is in the log already.
MERGE (s:Sequence {name: 'audit'})
ON CREATE SET s.last = 0
REMOVE s.locked
WITH s
OPTIONAL MATCH (known:AuditEntry {id: $id})
USING INDEX SEEK known:AuditEntry(id)
RETURN s.last AS length, s.root AS root, known IS NOT NULL AS is_known
