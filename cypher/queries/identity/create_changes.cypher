// Write down what happened to customers, in the transaction in which it did. The sequence is locked until its end, so
// positions follow each other in the order of the commits: whoever reads on from one misses nothing.
WITH $rows AS rows
WHERE size(rows) > 0
MERGE (s:Sequence {name: 'changes'})
SET s.last = coalesce(s.last, 0) + size($rows)
WITH s, datetime.fromEpoch($at_s, $at_ns) AS at
SET s.reached_at = CASE WHEN s.reached_at > at THEN s.reached_at ELSE at END
WITH s.last - size($rows) AS before, at, s.reached_at AS reached_at
UNWIND range(0, size($rows) - 1) AS number
WITH before + number + 1 AS position, $rows[number] AS row, at, reached_at
CREATE (change:Change {
  id: row.id, position: position, kind: row.kind, at: at, reached_at: reached_at, rule_version: $rule_version,
  trigger_kind: row.trigger_kind, trigger_id: row.trigger_id
})
WITH change, row
UNWIND row.customers AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
CREATE (change)-[:AFFECTED]->(c)
