// How many events tell of some orders.
UNWIND $order_ids AS order_id
MATCH (o:Order {id: order_id})
USING INDEX SEEK o:Order(id)
RETURN order_id, COUNT { (o)<-[:REPORTS]-(:Event) } AS reports
