// A page of some customers' orders, the newest first.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)<-[:OF]-(o:Order)
  USING INDEX SEEK customer:Customer(id)
  WHERE o.at < datetime($before) OR (o.at = datetime($before) AND o.id < $before_id)
  RETURN o, i ORDER BY o.at DESC, o.id DESC LIMIT $limit
}
RETURN customer_id, o.id AS id, o.scope AS scope, o.order_id AS order_id, o.state AS state,
  instant(o.at) AS at, o.placed_at IS NOT NULL AS is_placed, o.currency AS currency, o.total AS total,
  o.revenue AS revenue, o.refunded AS refunded, o.shipping AS shipping, o.tax AS tax, o.discount AS discount,
  o.lines AS lines, o.problems AS problems, i.key AS owner_key
ORDER BY o.at DESC, o.id DESC
