// The events that tell that some customers saw a variant of an experiment, in the order of time.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK customer:Customer(id)
MATCH (e:Event)
USING INDEX SEEK e:Event(owner, occurred_at, received_at)
WHERE e.owner = i.key AND e.occurred_at >= datetime($since) AND e.received_at IS NOT NULL AND e.exposed_at IS NOT NULL
RETURN customer_id, e.id AS id, instant(e.exposed_at) AS at, e.properties AS properties
ORDER BY at, id
