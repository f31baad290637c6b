// Visits: a customer's latest sessions with their events, as a picture
// guide: Your own person
// Put any identifier in its stored form in place of the value.
WITH 'ann@example.com' AS value
MATCH (:Identifier {value: value})-[:BELONGS_TO]->(c:Customer)
MATCH (c)<-[belongs:BELONGS_TO]-(owner:Identifier)<-[of:OF]-(s:Session)
WITH c, belongs, owner, of, s ORDER BY s.started_at DESC LIMIT 5
MATCH (s)<-[in:IN]-(e:Event)
RETURN c, belongs, owner, of, s, in, e
