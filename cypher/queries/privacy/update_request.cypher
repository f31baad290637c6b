// Bring a request on. What it corrects is not kept once it ended.
MATCH (r:PrivacyRequest {id: $id})
USING INDEX SEEK r:PrivacyRequest(id)
SET r.state = $state, r.due_at = datetime.fromEpoch($due_s, $due_ns), r.approved_by = $approved_by, r.steps = $steps,
  r.receipt = $receipt, r.fault = $fault,
  r.extended = CASE WHEN $extended THEN true ELSE null END,
  r.corrections = CASE WHEN $state IN ['DONE', 'DENIED'] THEN null ELSE r.corrections END
