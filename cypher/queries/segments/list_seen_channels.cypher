// When some customers were seen last on some channels by a moment, and each time after it.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL AND e.channel IN $channels
  WITH e.channel AS channel, e.occurred_at AS at,
       CASE WHEN e.occurred_at > datetime($now) THEN e.occurred_at END AS ahead
  WITH channel, ahead, max(at) AS at
  RETURN channel, at
}
RETURN customer_id, channel, instant(at) AS at
