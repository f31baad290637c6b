// How many sessions some customers have.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
  RETURN count(s) AS sessions
}
RETURN customer_id, sessions
