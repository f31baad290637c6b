// Whom requests are about, as far as that is kept.
MATCH (r:PrivacyRequest)
USING INDEX SEEK r:PrivacyRequest(subject)
WHERE r.subject >= ''
RETURN r.id AS id, r.subject AS subject
