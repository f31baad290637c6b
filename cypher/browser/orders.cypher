// Orders: what a customer bought, newest first, and how many events report each order
// guide: Your own person
// Put any identifier in its stored form in place of the value.
WITH 'ann@example.com' AS value
MATCH (:Identifier {value: value})-[:BELONGS_TO]->(c:Customer)
MATCH (c)<-[:BELONGS_TO]-(owner:Identifier)<-[:OF]-(o:Order)
RETURN o.at AS at, o.order_id AS order_id, o.scope AS scope, o.state AS state, o.total AS total, o.refunded AS refunded,
  o.currency AS currency, owner.key AS as_whom, COUNT { (o)<-[:REPORTS]-(:Event) } AS events
ORDER BY at DESC LIMIT 100
