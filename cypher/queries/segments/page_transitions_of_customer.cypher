// A page of the transitions of a customer, the last one first.
MATCH (t:Transition)
USING INDEX SEEK t:Transition(customer_id, position)
WHERE t.customer_id = $customer_id AND t.position < $before
RETURN t.position AS position, t.segment_id AS segment_id, t.customer_id AS customer_id, t.number AS number,
  t.entered AS entered, instant(t.at) AS at, instant(t.occurred_at) AS occurred_at, t.cause AS cause, t.reason AS reason
ORDER BY t.customer_id DESC, t.position DESC LIMIT $limit
