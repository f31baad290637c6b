// Write down who entered and left. The sequence is locked until the end of the transaction, so that whoever reads on from a
// position misses nothing.
WITH $rows AS rows
WHERE size(rows) > 0
MERGE (s:Sequence {name: 'transitions'})
SET s.last = coalesce(s.last, 0) + size($rows)
WITH s.last - size($rows) AS before
UNWIND range(0, size($rows) - 1) AS number
WITH before + number + 1 AS position, $rows[number] AS row
CREATE (t:Transition {
  key: row.key, position: position, segment_id: row.segment_id, customer_id: row.customer_id, number: row.number,
  entered: row.entered, cause: row.cause, reason: row.reason, at: datetime.fromEpoch($at_s, $at_ns),
  occurred_at: datetime.fromEpoch(row.occurred_s, row.occurred_ns)
})
RETURN t.key AS key, position
