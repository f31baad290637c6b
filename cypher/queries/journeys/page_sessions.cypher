// A page of some customers' sessions, the newest first.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)<-[:OF]-(s:Session)
  USING INDEX SEEK customer:Customer(id)
  WHERE s.started_at < datetime($before) OR (s.started_at = datetime($before) AND s.id < $before_id)
  RETURN s, i ORDER BY s.started_at DESC, s.id DESC LIMIT $limit
}
RETURN customer_id,
       s.id AS id,
       instant(s.started_at) AS started_at,
       instant(s.ended_at) AS ended_at,
       s.channel AS channel,
       s.first_source AS source,
       s.touchpoint_count AS touchpoint_count,
       i.key AS owner_key
ORDER BY s.started_at DESC, s.id DESC
