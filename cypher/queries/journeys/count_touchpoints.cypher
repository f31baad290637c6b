// The length of some customers' journeys, under the filters of a page.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
  USING INDEX SEEK customer:Customer(id)
  WHERE s.started_at < datetime($until) AND s.ended_at >= datetime($since)
  MATCH (s)<-[:IN]-(e:Event)
  WHERE e.occurred_at >= datetime($since) AND e.occurred_at < datetime($until)
    AND ($types IS NULL OR e.type IN $types)
    AND ($channels IS NULL OR e.channel IN $channels)
  RETURN count(e) AS touchpoints
}
RETURN customer_id, touchpoints
