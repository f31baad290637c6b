// When the visits of customers began.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, instant(s.started_at) AS started_at
