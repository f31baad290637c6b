// Have deliveries of a destination made again that are settled, a page of positions at a time.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, position)
WHERE d.destination_id = $destination_id AND d.position >= $first AND d.position <= $last
WITH d ORDER BY d.position LIMIT $limit
REMOVE d.locked
WITH d, d.due_at IS NULL AND d.created_at >= datetime.fromEpoch($from_s, $from_ns) AS is_settled
FOREACH (_ IN CASE WHEN is_settled THEN [1] ELSE [] END |
  SET d.due_at = datetime.fromEpoch($now_s, $now_ns), d.lane = d.destination_id + '/' + coalesce(d.customer_id, d.id),
    d.attempts = 0, d.delivered_at = null, d.failed_at = null, d.withheld = null
)
RETURN count(d) AS seen, max(d.position) AS last, sum(CASE WHEN is_settled THEN 1 ELSE 0 END) AS replayed
