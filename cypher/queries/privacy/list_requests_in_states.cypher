// All requests that are in one of some states.
UNWIND $states AS state
MATCH (r:PrivacyRequest)
USING INDEX SEEK r:PrivacyRequest(state, opened_at)
WHERE r.state = state AND r.opened_at > datetime({epochSeconds: 0})
RETURN r.id AS id, r.kind AS kind, r.state AS state, r.region AS region, r.subject AS subject, r.requester AS requester,
  r.corrections AS corrections, instant(r.opened_at) AS opened_at, instant(r.due_at) AS due_at, r.opened_by AS opened_by,
  r.approvals AS approvals, r.approved_by AS approved_by, r.duplicate_of AS duplicate_of, coalesce(r.extended, false) AS extended,
  r.steps AS steps, r.receipt AS receipt, r.fault AS fault, r.preserve AS preserve
