// What the orders of some customers come to, the first one first, and their lines.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(o:Order)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, o.state AS state, instant(o.at) AS at, o.currency AS currency, o.revenue AS revenue,
  o.refunded AS refunded, CASE WHEN $lines THEN o.lines END AS lines
ORDER BY o.at, o.id
