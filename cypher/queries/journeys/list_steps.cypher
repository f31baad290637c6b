// The events of these sessions with the identifiers seen in them.
UNWIND $ids AS id
MATCH (s:Session {id: id})<-[:IN]-(e:Event)
USING INDEX SEEK s:Session(id)
RETURN s.id AS session_id, e.id AS event_id, instant(e.occurred_at) AS occurred_at,
  e.source AS source, e.message_id AS message_id, e.channel AS channel,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
