// Drop some deliveries that were made long ago: settled ones, and those whose destination is gone.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(created_at)
WHERE d.created_at < datetime.fromEpoch($before_s, $before_ns)
OPTIONAL MATCH (t:Destination {id: d.destination_id})
USING INDEX SEEK t:Destination(id)
WITH d, t
WHERE d.due_at IS NULL OR t IS NULL
WITH d LIMIT $limit
DELETE d
RETURN count(*) AS deleted
