// A page of the events that tell of some orders, the newest first.
UNWIND $order_ids AS order_id
CALL (order_id) {
  MATCH (o:Order {id: order_id})<-[:REPORTS]-(e:Event)
  USING INDEX SEEK o:Order(id)
  WHERE e.occurred_at < datetime($before) OR (e.occurred_at = datetime($before) AND e.id < $before_id)
  RETURN e ORDER BY e.occurred_at DESC, e.id DESC LIMIT $limit
}
RETURN order_id, e.id AS id, instant(e.occurred_at) AS occurred_at
ORDER BY e.occurred_at DESC, e.id DESC
