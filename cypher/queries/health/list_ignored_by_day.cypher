// How many values that were no identifiers, or linked nothing, came on each day.
MATCH (e:Event)
USING INDEX SEEK e:Event(ignored_at)
WHERE e.ignored_at >= datetime($since)
RETURN day(e.ignored_at) AS day, sum(size(e.ignored)) AS total
ORDER BY day
