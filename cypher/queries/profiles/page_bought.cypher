// A page of all customers by id, each with what its orders come to.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(id)
WHERE c.id > $after
WITH c ORDER BY c.id LIMIT $limit
RETURN c.id AS customer_id, COLLECT {
  MATCH (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(o:Order)
  RETURN [o.state, instant(o.at), o.currency, o.revenue, o.refunded]
} AS orders
