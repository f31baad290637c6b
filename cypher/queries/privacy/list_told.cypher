// Which destinations were told of these customers, and under which ids.
UNWIND $ids AS id
CALL (id) {
  MATCH (t:ToldEntry)
  USING INDEX SEEK t:ToldEntry(customer_id)
  WHERE t.customer_id = id
  RETURN t.destination_id AS destination_id
  UNION
  MATCH (d:Delivery)
  USING INDEX SEEK d:Delivery(customer_id)
  WHERE d.customer_id = id AND (d.delivered_at IS NOT NULL OR d.attempts > 0 OR d.claim IS NOT NULL)
  RETURN d.destination_id AS destination_id
}
MATCH (x:Destination {id: destination_id})
USING INDEX SEEK x:Destination(id)
RETURN x.id AS destination_id, id AS customer_id
ORDER BY destination_id, customer_id
