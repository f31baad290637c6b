// Put known events into the sessions that late events made of theirs.
UNWIND $rows AS row
MATCH (e:Event {id: row.event_id})-[old:IN]->(:Session)
MATCH (s:Session) WHERE elementId(s) = row.session
DELETE old
CREATE (e)-[:IN]->(s)
