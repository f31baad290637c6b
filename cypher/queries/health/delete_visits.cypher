// Delete the sessions of visitors: they are cut anew from the events, under the same ids where they were right.
UNWIND $keys AS key
MATCH (s:Session)
USING INDEX SEEK s:Session(visitor, started_at)
WHERE s.visitor = key AND s.started_at IS NOT NULL
CALL (s) {
  MATCH (s)<-[:IN]-(e:Event)
  REMOVE e.owner
}
// See delete_sessions for why.
REMOVE s.visitor
DETACH DELETE s
