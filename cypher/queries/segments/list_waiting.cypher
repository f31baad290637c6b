// The customers that have been waiting longest.
MATCH (c:Customer)
USING INDEX c:Customer(waiting_since)
WHERE c.waiting_since IS NOT NULL
RETURN c.id AS customer_id, c.waiting_mark AS mark, c.waiting_for AS tokens, c.waiting_cause AS cause,
  instant(c.waiting_at) AS occurred_at
ORDER BY c.waiting_since LIMIT $limit
