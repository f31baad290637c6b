// How many requests there are, by state.
MATCH (r:PrivacyRequest)
USING INDEX SEEK r:PrivacyRequest(opened_at, id)
WHERE r.opened_at > datetime({epochSeconds: 0}) AND r.id >= ''
RETURN r.state AS state, count(*) AS total
