// Put known events into the sessions that late events made of theirs.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (e:Event {id: row.event_id})-[old:IN]->(:Session)
USING INDEX SEEK e:Event(id)
MATCH (s:Session) WHERE elementId(s) = row.session
DELETE old
CREATE (e)-[:IN]->(s)
SET e.owner = row.owner
