// Append entries to the audit log, whose end is locked.
UNWIND $rows AS row
CREATE (e:AuditEntry {
  id: row.id, number: row.number, at: datetime.fromEpoch(row.at_s, row.at_ns), who: row.who, who_kind: row.who_kind,
  key_id: row.key_id, address: row.address, action: row.action, operation: row.operation, objects: row.objects,
  counts: row.counts, outcome: row.outcome, reason: row.reason, hash: row.hash
})
WITH max(e.number) AS length
WHERE length IS NOT NULL
MATCH (s:Sequence {name: 'audit'})
USING INDEX SEEK s:Sequence(name)
SET s.last = length, s.root = $root
