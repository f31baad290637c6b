// Drop a rule of alerts; its alerts stay.
MATCH (r:AlertRule {id: $id})
USING INDEX SEEK r:AlertRule(id)
DELETE r
RETURN count(*) AS deleted
