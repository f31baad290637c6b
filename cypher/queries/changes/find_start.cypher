// Where the change log begins for a moment: no change before this position happened then or later.
MATCH (change:Change)
USING INDEX SEEK change:Change(reached_at, position)
WHERE change.reached_at >= datetime($since) AND change.position > 0
RETURN change.position AS position
ORDER BY change.reached_at, change.position LIMIT 1
