// A page of the audit log in its order, after a number.
MATCH (e:AuditEntry)
USING INDEX SEEK e:AuditEntry(number)
WHERE e.number > $after
WITH e ORDER BY e.number LIMIT $limit
RETURN e.number AS number, e.id AS id, instant(e.at) AS at, e.who AS who, e.who_kind AS who_kind, e.key_id AS key_id,
  e.address AS address, e.action AS action, e.operation AS operation, e.objects AS objects, e.counts AS counts,
  e.outcome AS outcome, e.reason AS reason, e.hash AS hash
ORDER BY number
