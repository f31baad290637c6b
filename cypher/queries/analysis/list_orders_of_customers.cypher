// The orders of some customers that were placed in a time, with their lines if these are asked for.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(o:Order)
USING INDEX SEEK customer:Customer(id)
WHERE o.at >= datetime($since) AND o.at <= datetime($until)
WITH customer_id, o LIMIT $most
RETURN customer_id, o.id AS id, o.state AS state, instant(o.at) AS at, o.currency AS currency, o.total AS total,
  o.revenue AS revenue, o.refunded AS refunded, o.shipping AS shipping, o.tax AS tax, o.discount AS discount,
  CASE WHEN $lines THEN o.lines END AS lines
