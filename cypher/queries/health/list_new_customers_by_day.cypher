// How many customers were made on each day; days are counted since 1970 in UTC.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(created_at)
WHERE c.created_at >= datetime($since)
RETURN day(c.created_at) AS day, count(*) AS total
ORDER BY day
