// How many deliveries of destinations are pending, and how many were given up.
UNWIND $ids AS id
CALL (id) {
  MATCH (d:Delivery)
  USING INDEX SEEK d:Delivery(destination_id, due_at)
  WHERE d.destination_id = id AND d.due_at > datetime.fromEpoch(0, 0)
  RETURN count(d) AS pending
}
CALL (id) {
  MATCH (d:Delivery)
  USING INDEX SEEK d:Delivery(destination_id, failed_at)
  WHERE d.destination_id = id AND d.failed_at > datetime.fromEpoch(0, 0)
  RETURN count(d) AS failed
}
RETURN id, pending, failed
