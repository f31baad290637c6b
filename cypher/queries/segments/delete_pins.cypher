// Take back what was decided about a customer.
MATCH (c:Customer {id: $customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:PINS]-(p:Pin)
USING INDEX SEEK c:Customer(id)
WHERE p.segment_id = $segment_id
DETACH DELETE p
RETURN count(*) AS deleted
