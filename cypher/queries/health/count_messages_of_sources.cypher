// What each source sent since a day; `of_days` counts the new messages of some days, in their order.
MATCH (n:MessageCount)
USING INDEX SEEK n:MessageCount(day)
WHERE n.day >= $since
RETURN n.source AS source, sum(n.accepted) AS accepted, sum(n.repeated) AS repeated,
  min(n.day) AS first_day, max(n.day) AS last_day,
  [
    sum(CASE WHEN n.day = $days[0] THEN n.accepted ELSE 0 END), sum(CASE WHEN n.day = $days[1] THEN n.accepted ELSE 0 END),
    sum(CASE WHEN n.day = $days[2] THEN n.accepted ELSE 0 END), sum(CASE WHEN n.day = $days[3] THEN n.accepted ELSE 0 END),
    sum(CASE WHEN n.day = $days[4] THEN n.accepted ELSE 0 END)
  ] AS of_days
ORDER BY source
