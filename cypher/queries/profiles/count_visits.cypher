// How many visits some customers paid in each channel, and when the first and the last began.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
  USING INDEX SEEK customer:Customer(id)
  WITH s.channel AS channel, count(s) AS visits, {first: min(s.started_at), last: max(s.started_at)} AS span
  RETURN channel, visits, span
}
RETURN customer_id, channel, visits, instant(span.first) AS first_at, instant(span.last) AS last_at
