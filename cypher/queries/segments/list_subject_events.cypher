// The events of some names of customers, with their properties, in no order.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
    AND CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END IN $names
  RETURN e
}
RETURN customer_id, instant(e.occurred_at) AS occurred_at, e.source AS source, e.message_id AS message_id,
  CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name, e.channel AS channel, e.properties AS properties
