// Drop some deliveries of a destination, whatever became of them.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, position)
WHERE d.destination_id = $destination_id AND d.position > 0
WITH d LIMIT $limit
DELETE d
RETURN count(*) AS deleted
