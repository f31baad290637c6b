// How many links that are refused now became so on each day.
MATCH (:Identifier)-[l:OBSERVED_WITH]->(:Identifier)
USING INDEX SEEK l:OBSERVED_WITH(refused_at)
WHERE l.refused_at >= datetime($since)
RETURN day(l.refused_at) AS day, count(*) AS total
ORDER BY day
