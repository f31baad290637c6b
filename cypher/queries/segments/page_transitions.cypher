// A page of the transitions of segments, of all or of one, after a position. Of somebody restricted it tells exits alone.
MATCH (t:Transition)
USING INDEX SEEK t:Transition(position)
WHERE t.position > $after AND ($segment_id IS NULL OR t.segment_id = $segment_id)
  AND (NOT t.entered OR NOT EXISTS {
    MATCH (customer:Customer {id: t.customer_id})-[:MERGED_INTO*0..]->(now:Customer)
    USING INDEX SEEK customer:Customer(id)
    WHERE now:Restricted
  })
RETURN t.position AS position, t.segment_id AS segment_id, t.customer_id AS customer_id, t.number AS number,
  t.entered AS entered, instant(t.at) AS at, instant(t.occurred_at) AS occurred_at, t.cause AS cause, t.reason AS reason
ORDER BY t.position LIMIT $limit
