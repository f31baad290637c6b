// How many deliveries a destination has; with a state only those in it.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, position)
WHERE d.destination_id = $destination_id AND d.position > 0
  AND ($state IS NULL OR $state = CASE
    WHEN d.due_at IS NOT NULL THEN 'PENDING' WHEN d.failed_at IS NOT NULL THEN 'FAILED'
    WHEN d.withheld IS NOT NULL THEN 'WITHHELD' ELSE 'DELIVERED' END)
RETURN count(d) AS total
