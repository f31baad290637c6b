// A page of the deliveries of a destination, the newest first; with a state only those in it.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, position)
WHERE d.destination_id = $destination_id AND d.position < $before
  AND ($state IS NULL OR $state = CASE
    WHEN d.due_at IS NOT NULL THEN 'PENDING' WHEN d.failed_at IS NOT NULL THEN 'FAILED'
    WHEN d.withheld IS NOT NULL THEN 'WITHHELD' ELSE 'DELIVERED' END)
WITH d ORDER BY d.position DESC LIMIT $limit
RETURN d.id AS id, d.position AS position, d.kind AS kind, d.customer_id AS customer_id,
  CASE WHEN d.due_at IS NOT NULL THEN 'PENDING' WHEN d.failed_at IS NOT NULL THEN 'FAILED'
    WHEN d.withheld IS NOT NULL THEN 'WITHHELD' ELSE 'DELIVERED' END AS state,
  d.withheld AS withheld, d.attempts AS attempts, d.last_status AS last_status, d.last_error AS last_error,
  instant(d.created_at) AS created_at, instant(d.due_at) AS due_at, instant(d.delivered_at) AS delivered_at,
  instant(d.failed_at) AS failed_at
ORDER BY position DESC
