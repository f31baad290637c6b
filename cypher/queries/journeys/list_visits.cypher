// The events in which these identifiers were seen, and those in the sessions of these visitors, with all that was seen in
// each and the session that it is in.
UNWIND $keys AS key
CALL (key) {
  MATCH (identifier:Identifier {key: key})<-[:OBSERVED]-(e:Event)
  USING INDEX SEEK identifier:Identifier(key)
  RETURN e
  UNION
  MATCH (s:Session)<-[:IN]-(e:Event)
  USING INDEX SEEK s:Session(visitor, started_at)
  WHERE s.visitor = key AND s.started_at IS NOT NULL
  RETURN e
}
WITH DISTINCT e
OPTIONAL MATCH (e)-[:IN]->(s:Session)
RETURN e.id AS event_id, instant(e.occurred_at) AS occurred_at,
  e.source AS source, e.message_id AS message_id, e.channel AS channel,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys, s.id AS session_id, s.visitor AS session_visitor
