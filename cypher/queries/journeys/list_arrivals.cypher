// Touchpoints of a customer, or of the one that it was merged into, that were received from a moment on and are not known yet.
MATCH (customer:Customer {id: $customer_id})-[:MERGED_INTO*0..]->(c:Customer)
USING INDEX SEEK customer:Customer(id)
WHERE NOT c:Former AND NOT c:Restricted
MATCH (c)<-[:BELONGS_TO]-(i:Identifier)
CALL (i) {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at >= datetime($since) AND NOT e.id IN $known
  RETURN e
}
RETURN c.id AS customer_id, e.id AS id, instant(e.received_at) AS received_at
ORDER BY e.received_at, e.occurred_at, e.id LIMIT $limit
