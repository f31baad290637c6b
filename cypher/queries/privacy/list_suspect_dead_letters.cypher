// Messages that could not be accepted and hold one of some texts.
// All of them are looked at, since nobody can tell whose they are.
MATCH (d:DeadLetter)
WHERE d.received_at IS NOT NULL AND any(text IN $texts WHERE d.raw CONTAINS text OR d.reason CONTAINS text)
RETURN d.id AS id, d.raw AS raw, d.reason + ' ' + coalesce(d.last_error, '') AS reason
