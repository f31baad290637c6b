// Some alerts that may be told now, those that waited longest first.
MATCH (a:Alert)
USING INDEX SEEK a:Alert(held_until)
WHERE a.held_until <= datetime.fromEpoch($now_s, $now_ns)
WITH a ORDER BY a.held_until, a.occurred_at, a.id LIMIT $limit
RETURN a.id AS id, 0 AS position, a.rule_id AS rule_id, a.rule_name AS rule_name, a.customer_id AS customer_id,
  a.event_id AS event_id, a.event_name AS event_name, a.repeats AS repeats, instant(a.occurred_at) AS occurred_at,
  instant(a.at) AS at
