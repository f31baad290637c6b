// Delete what segments and alerts keep of these customers.
UNWIND $ids AS id
CALL (id) {
  MATCH (m:SegmentMembership)
  USING INDEX SEEK m:SegmentMembership(customer_id)
  WHERE m.customer_id = id
  DELETE m
}
CALL (id) {
  MATCH (t:Transition)
  USING INDEX SEEK t:Transition(customer_id, position)
  WHERE t.customer_id = id AND t.position IS NOT NULL
  DELETE t
}
CALL (id) {
  MATCH (t:ToldEntry)
  USING INDEX SEEK t:ToldEntry(customer_id)
  WHERE t.customer_id = id
  DELETE t
}
CALL (id) {
  MATCH (a:Alert)
  USING INDEX SEEK a:Alert(customer_id)
  WHERE a.customer_id = id
  DELETE a
}
