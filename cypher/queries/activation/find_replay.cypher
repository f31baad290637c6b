// The positions between which deliveries of a destination were made since a moment.
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, created_at)
WHERE d.destination_id = $destination_id AND d.created_at >= datetime.fromEpoch($from_s, $from_ns)
RETURN min(d.position) AS first, max(d.position) AS last
