// Latest steps: what whoever was seen last did, newest first, through all channels
// guide: Journeys
MATCH (c:Customer)
USING INDEX c:Customer(last_seen)
WHERE c.last_seen > datetime('2000-01-01')
  AND EXISTS { (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(:Session) }
WITH c ORDER BY c.last_seen DESC LIMIT 1
MATCH (c)<-[:BELONGS_TO]-(owner:Identifier)<-[:OF]-(s:Session)<-[:IN]-(e:Event)
RETURN e.occurred_at AS at, e.channel AS channel, e.name AS what, e.source AS source, owner.key AS as_whom,
  s.started_at AS visit_began
ORDER BY at DESC LIMIT 100
