// Latest journey: the last visits of whoever was seen last, with their events, as a picture
// guide: Journeys
MATCH (c:Customer)
USING INDEX c:Customer(last_seen)
WHERE c.last_seen > datetime('2000-01-01')
  AND EXISTS { (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(:Session) }
WITH c ORDER BY c.last_seen DESC LIMIT 1
MATCH (c)<-[belongs:BELONGS_TO]-(owner:Identifier)<-[of:OF]-(s:Session)
WITH c, belongs, owner, of, s ORDER BY s.started_at DESC LIMIT 10
MATCH (s)<-[in:IN]-(e:Event)
RETURN c, belongs, owner, of, s, in, e
LIMIT 300
