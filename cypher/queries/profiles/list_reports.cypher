// The events that tell of these orders, with the identifiers seen in each.
UNWIND $ids AS id
MATCH (o:Order {id: id})<-[:REPORTS]-(e:Event)
USING INDEX SEEK o:Order(id)
RETURN id, e.type AS type, e.name AS name, e.source AS source, e.message_id AS message_id,
  instant(e.occurred_at) AS occurred_at, e.properties AS properties,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
