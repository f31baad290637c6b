// A page of the transitions of a segment, the last one first.
MATCH (t:Transition)
USING INDEX SEEK t:Transition(segment_id, position)
WHERE t.segment_id = $segment_id AND t.position < $before
  AND (NOT EXISTS {
    MATCH (customer:Customer {id: t.customer_id})-[:MERGED_INTO*0..]->(now:Customer)
    USING INDEX SEEK customer:Customer(id)
    WHERE now:Restricted
  })
RETURN t.position AS position, t.segment_id AS segment_id, t.customer_id AS customer_id, t.number AS number,
  t.entered AS entered, instant(t.at) AS at, instant(t.occurred_at) AS occurred_at, t.cause AS cause, t.reason AS reason
ORDER BY t.segment_id DESC, t.position DESC LIMIT $limit
