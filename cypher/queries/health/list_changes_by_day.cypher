// How many changes of each kind there were on each day.
MATCH (change:Change)
USING INDEX SEEK change:Change(at)
WHERE change.at >= datetime($since)
RETURN day(change.at) AS day, change.kind AS kind, count(*) AS total
ORDER BY day, kind
