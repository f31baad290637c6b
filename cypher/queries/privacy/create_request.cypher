// Open a request of somebody about their data.
CREATE (:PrivacyRequest {
  id: $id, kind: $kind, state: $state, region: $region, subject: $subject, requester: $requester, corrections: $corrections,
  preserve: $preserve,
  opened_at: datetime.fromEpoch($opened_s, $opened_ns), due_at: datetime.fromEpoch($due_s, $due_ns), opened_by: $opened_by,
  approvals: $approvals, approved_by: [], duplicate_of: $duplicate_of, steps: '[]'
})
