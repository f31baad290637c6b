// How many events of some names, or of a channel, some customers have.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
    AND (e.name IN $names OR e.channel = $channel)
  RETURN CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name, e.channel AS channel, count(e) AS events
}
RETURN customer_id, name, channel, events
