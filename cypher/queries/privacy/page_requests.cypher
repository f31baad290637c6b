// A page of the requests, those opened last first; of one state, or of all.
// Two parts, so that each walks the index: what is left of the tie at the cursor, then all that comes after it.
CALL () {
  MATCH (r:PrivacyRequest)
  USING INDEX SEEK r:PrivacyRequest(opened_at, id)
  WHERE r.opened_at = datetime($before) AND r.id < $before_id AND ($state IS NULL OR r.state = $state)
  RETURN r ORDER BY r.id DESC LIMIT $limit
  UNION ALL
  MATCH (r:PrivacyRequest)
  USING INDEX SEEK r:PrivacyRequest(opened_at, id)
  WHERE r.opened_at < datetime($before) AND r.id >= '' AND ($state IS NULL OR r.state = $state)
  RETURN r ORDER BY r.opened_at DESC, r.id DESC LIMIT $limit
}
WITH r ORDER BY r.opened_at DESC, r.id DESC LIMIT $limit
RETURN r.id AS id, r.kind AS kind, r.state AS state, r.region AS region, r.subject AS subject, r.requester AS requester,
  r.corrections AS corrections, instant(r.opened_at) AS opened_at, instant(r.due_at) AS due_at, r.opened_by AS opened_by,
  r.approvals AS approvals, r.approved_by AS approved_by, r.duplicate_of AS duplicate_of, coalesce(r.extended, false) AS extended,
  r.steps AS steps, r.receipt AS receipt, r.fault AS fault, r.preserve AS preserve
ORDER BY opened_at DESC, id DESC
