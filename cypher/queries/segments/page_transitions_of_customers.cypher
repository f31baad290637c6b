// A page of the transitions of some customers and of those that went into them, of all segments or of one, the last one first.
UNWIND $customer_ids AS id
CALL (id) {
  MATCH (customer:Customer {id: id})<-[:MERGED_INTO*0..]-(c:Customer)
  USING INDEX SEEK customer:Customer(id)
  MATCH (t:Transition)
  USING INDEX SEEK t:Transition(customer_id, position)
  WHERE t.customer_id = c.id AND t.position < $before AND ($segment_id IS NULL OR t.segment_id = $segment_id)
  RETURN t ORDER BY t.position DESC LIMIT $limit
}
RETURN id AS owner_id, t.position AS position, t.segment_id AS segment_id, t.customer_id AS customer_id, t.number AS number,
  t.entered AS entered, instant(t.at) AS at, instant(t.occurred_at) AS occurred_at, t.cause AS cause, t.reason AS reason
ORDER BY position DESC
