// How many sessions some customers have.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
  USING INDEX SEEK customer:Customer(id)
  RETURN count(s) AS sessions
}
RETURN customer_id, sessions
