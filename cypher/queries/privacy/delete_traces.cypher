// Delete what transitions and alerts say of these customers. Memberships end with an exit, as those of everybody who is gone.
UNWIND $ids AS id
CALL (id) {
  MATCH (t:Transition)
  USING INDEX SEEK t:Transition(customer_id, position)
  WHERE t.customer_id = id AND t.position IS NOT NULL
  DELETE t
}
CALL (id) {
  MATCH (a:Alert)
  USING INDEX SEEK a:Alert(customer_id)
  WHERE a.customer_id = id
  DELETE a
}
