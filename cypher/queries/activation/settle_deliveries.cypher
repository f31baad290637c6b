// Write down what came of attempts, unless the lease ended and somebody else took the delivery.
// With due_s it is tried again then; without, it is settled, and what waits for it in its lane is due. One that was withheld was
// not tried.
UNWIND $rows AS row
MATCH (d:Delivery {id: row.id})
USING INDEX SEEK d:Delivery(id)
REMOVE d.locked
WITH d, row, d.lane AS lane
WHERE d.claim = row.claim
SET d.claim = null, d.attempts = d.attempts + row.failures, d.last_status = row.status, d.last_error = row.error,
  d.due_at = CASE WHEN row.due_s IS NOT NULL THEN datetime.fromEpoch(row.due_s, row.due_ns) END,
  d.lane = CASE WHEN row.due_s IS NOT NULL THEN lane END,
  d.delivered_at = CASE WHEN row.is_delivered THEN datetime.fromEpoch(row.at_s, row.at_ns) END,
  d.withheld = row.withheld,
  d.failed_at = CASE WHEN row.due_s IS NULL AND NOT row.is_delivered AND row.withheld IS NULL THEN datetime.fromEpoch(row.at_s, row.at_ns) END
WITH d, row, lane
WHERE row.due_s IS NULL
CALL (d, row, lane) {
  MATCH (next:Delivery)
  USING INDEX SEEK next:Delivery(lane, position)
  WHERE next.lane = lane AND next.position > d.position
  WITH next, row ORDER BY next.position LIMIT 1
  SET next.due_at = datetime.fromEpoch(row.at_s, row.at_ns)
}
