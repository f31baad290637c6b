// Latest orders: those of the customer with orders that was seen last, with the events that report them, as a picture
// guide: Orders
MATCH (c:Customer)
USING INDEX c:Customer(last_seen)
WHERE c.last_seen > datetime('2000-01-01')
  AND EXISTS { (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(:Order) }
WITH c ORDER BY c.last_seen DESC LIMIT 1
MATCH (c)<-[belongs:BELONGS_TO]-(owner:Identifier)<-[of:OF]-(o:Order)
WITH c, belongs, owner, of, o ORDER BY o.at DESC LIMIT 10
MATCH (o)<-[reports:REPORTS]-(e:Event)
RETURN c, belongs, owner, of, o, reports, e
LIMIT 300
