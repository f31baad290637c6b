// A page of the events of some customers that may say something of a trait, the newest first: those whose traits hold its
// name, seen from each identifier of the customer.
MATCH (customer:Customer {id: $customer_id})<-[:BELONGS_TO]-(i:Identifier)<-[:OBSERVED]-(e:Event)
USING INDEX SEEK customer:Customer(id)
WHERE any(spelling IN $spellings WHERE e.traits CONTAINS spelling)
WITH e, i, e.occurred_at AS at
WHERE $before_s IS NULL OR at < datetime.fromEpoch($before_s, $before_ns)
  OR at = datetime.fromEpoch($before_s, $before_ns)
    AND (e.source < $before_source OR e.source = $before_source AND e.message_id < $before_message_id)
WITH e, collect(i.key) AS own
ORDER BY e.occurred_at DESC, e.source DESC, e.message_id DESC LIMIT $limit
RETURN instant(e.occurred_at) AS observed_at, e.source AS source, e.message_id AS message_id, e.type AS type,
  e.traits AS traits, own,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
