// Put events into sessions, whether they are in others now or in none.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (e:Event {id: row.event_id})
USING INDEX SEEK e:Event(id)
MATCH (s:Session) WHERE elementId(s) = row.session
CALL (e) {
  MATCH (e)-[old:IN]->(:Session)
  DELETE old
}
CREATE (e)-[:IN]->(s)
SET e.owner = row.owner
