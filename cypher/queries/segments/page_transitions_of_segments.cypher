// A page of the transitions of each of some segments, the last one first.
UNWIND $segment_ids AS id
CALL (id) {
  MATCH (t:Transition)
  USING INDEX SEEK t:Transition(segment_id, position)
  WHERE t.segment_id = id AND t.position < $before
    AND (NOT EXISTS {
      MATCH (customer:Customer {id: t.customer_id})-[:MERGED_INTO*0..]->(now:Customer)
      USING INDEX SEEK customer:Customer(id)
      WHERE now:Restricted
    })
  RETURN t ORDER BY t.position DESC LIMIT $limit
}
RETURN id AS owner_id, t.position AS position, t.segment_id AS segment_id, t.customer_id AS customer_id, t.number AS number,
  t.entered AS entered, instant(t.at) AS at, instant(t.occurred_at) AS occurred_at, t.cause AS cause, t.reason AS reason
ORDER BY position DESC
