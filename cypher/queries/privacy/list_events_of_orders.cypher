// All events that tell of some orders.
UNWIND $ids AS id
MATCH (reported:Order {id: id})<-[:REPORTS]-(e:Event)
USING INDEX SEEK reported:Order(id)
RETURN e.id AS id, e.type AS type, e.name AS name, instant(e.occurred_at) AS occurred_at, e.traits AS traits,
  e.emptied_at IS NOT NULL AS is_emptied,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
