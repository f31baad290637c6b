// When customers were on some channels: first, last until a moment, and each time after it.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL AND e.channel IN $channels
  WITH e.channel AS channel, instant(e.occurred_at) AS at
  WITH channel, min(at) AS first, max(CASE WHEN at <= $now THEN at END) AS last,
    collect(DISTINCT CASE WHEN at > $now THEN at END) AS later
  UNWIND [first, coalesce(last, first)] + later AS occurred_at
  RETURN DISTINCT channel, occurred_at
}
RETURN customer_id, channel, occurred_at
