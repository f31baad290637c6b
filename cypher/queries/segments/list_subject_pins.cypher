// What people decided about customers; of several decisions about one segment the last one first.
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)<-[:PINS]-(p:Pin)
USING INDEX SEEK c:Customer(id)
RETURN p.segment_id AS segment_id, customer_id, p.member AS member, p.reason AS reason, p.actor AS actor, instant(p.at) AS at
ORDER BY p.at DESC, p.key
