// A page of the alerts that were told, the last one first, before a position.
MATCH (a:Alert)
USING INDEX SEEK a:Alert(position)
WHERE a.position < $before
  AND (NOT EXISTS {
    MATCH (customer:Customer {id: a.customer_id})-[:MERGED_INTO*0..]->(now:Customer)
    USING INDEX SEEK customer:Customer(id)
    WHERE now:Restricted
  })
WITH a ORDER BY a.position DESC LIMIT $limit
RETURN a.id AS id, a.position AS position, a.rule_id AS rule_id, a.rule_name AS rule_name, a.customer_id AS customer_id,
  a.event_id AS event_id, a.event_name AS event_name, a.repeats AS repeats, instant(a.occurred_at) AS occurred_at,
  instant(a.at) AS at
ORDER BY position DESC
