// Alerts that were told, by their ids.
UNWIND $ids AS wanted
MATCH (a:Alert {id: wanted})
USING INDEX SEEK a:Alert(id)
WHERE a.position IS NOT NULL
RETURN a.id AS id, a.position AS position, a.rule_id AS rule_id, a.rule_name AS rule_name, a.customer_id AS customer_id,
  a.event_id AS event_id, a.event_name AS event_name, a.repeats AS repeats, instant(a.occurred_at) AS occurred_at,
  instant(a.at) AS at
