// The events of some customers, of some names or of all, from a moment on, in no order.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at >= datetime($since) AND e.received_at IS NOT NULL
    AND ($names IS NULL OR CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END IN $names)
  RETURN e
}
RETURN customer_id,
       instant(e.occurred_at) AS occurred_at,
       e.source AS source,
       e.message_id AS message_id,
       e.type AS type,
       CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name,
       e.channel AS channel,
       CASE WHEN $properties THEN e.properties END AS properties
LIMIT $most
