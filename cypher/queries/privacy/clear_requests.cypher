// Forget whom requests are about: the person was erased.
UNWIND $ids AS id
MATCH (r:PrivacyRequest {id: id})
USING INDEX SEEK r:PrivacyRequest(id)
REMOVE r.subject, r.requester, r.corrections
