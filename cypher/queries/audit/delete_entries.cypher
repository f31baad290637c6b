// Delete some of the entries up to a number, those first written first.
MATCH (e:AuditEntry)
USING INDEX SEEK e:AuditEntry(number)
WHERE e.number <= $upto
WITH e ORDER BY e.number LIMIT $limit
DELETE e
RETURN count(*) AS deleted
