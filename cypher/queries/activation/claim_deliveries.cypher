// Take deliveries of a destination that are due: nobody else tries them until the lease ends.
// One whose customer has an earlier one pending is put off until that one is due; the earliest of a customer is never put off.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, due_at)
WHERE d.destination_id = $destination_id AND d.due_at <= datetime.fromEpoch($now_s, $now_ns)
WITH d ORDER BY d.due_at, d.position LIMIT $look
REMOVE d.locked
WITH d
WHERE d.due_at <= datetime.fromEpoch($now_s, $now_ns)
CALL (d) {
  OPTIONAL MATCH (earlier:Delivery)
  USING INDEX SEEK earlier:Delivery(lane, position)
  WHERE earlier.lane = d.lane AND earlier.position < d.position
  RETURN earlier ORDER BY earlier.position LIMIT 1
}
WITH d, earlier ORDER BY d.position
WITH collect([d, earlier]) AS pairs
WITH pairs, [pair IN pairs WHERE pair[1] IS NULL | pair[0]][..$limit] AS taken
UNWIND pairs AS pair
WITH pair[0] AS d, pair[1] AS earlier, pair[0] IN taken AS is_taken
SET d.claim = CASE WHEN is_taken THEN $claim ELSE d.claim END,
  d.due_at = CASE
    WHEN is_taken THEN datetime.fromEpoch($until_s, $until_ns)
    WHEN earlier.due_at > datetime.fromEpoch($now_s, $now_ns) THEN earlier.due_at
    WHEN earlier IS NOT NULL THEN datetime.fromEpoch($until_s, $until_ns)
    ELSE d.due_at
  END
RETURN d.id AS id, is_taken, d.attempts AS attempts, CASE WHEN is_taken THEN d.payload END AS payload
