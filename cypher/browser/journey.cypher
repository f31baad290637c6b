// Journey: what a customer did, newest first
// guide: Your own person
// Put any identifier in its stored form in place of the value.
WITH 'ann@example.com' AS value
MATCH (:Identifier {value: value})-[:BELONGS_TO]->(c:Customer)
MATCH (c)<-[:BELONGS_TO]-(owner:Identifier)<-[:OF]-(s:Session)<-[:IN]-(e:Event)
RETURN e.occurred_at AS at, e.channel AS channel, e.name AS what, e.source AS source,
  owner.key AS as_whom, s.started_at AS visit_began
ORDER BY at DESC LIMIT 100
