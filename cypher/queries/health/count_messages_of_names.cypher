// How many new messages of each event a source sent since a day; `of_days` counts those of some days, in their order.
MATCH (n:MessageCount)
USING INDEX SEEK n:MessageCount(day)
WHERE n.day >= $since
RETURN n.source AS source, n.type AS type, n.name AS name, sum(n.accepted) AS messages,
  [
    sum(CASE WHEN n.day = $days[0] THEN n.accepted ELSE 0 END), sum(CASE WHEN n.day = $days[1] THEN n.accepted ELSE 0 END),
    sum(CASE WHEN n.day = $days[2] THEN n.accepted ELSE 0 END), sum(CASE WHEN n.day = $days[3] THEN n.accepted ELSE 0 END),
    sum(CASE WHEN n.day = $days[4] THEN n.accepted ELSE 0 END)
  ] AS of_days
ORDER BY source, type, name
