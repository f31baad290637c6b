// The orders of customers, as they stand.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(o:Order)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, o.id AS id, o.state AS state, instant(o.at) AS at, o.placed_at IS NOT NULL AS is_placed,
  o.currency AS currency, o.total AS total, o.revenue AS revenue, o.refunded AS refunded, o.shipping AS shipping,
  o.tax AS tax, o.discount AS discount, o.lines AS lines
