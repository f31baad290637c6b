// Pages of the events of customers that may say something of a trait, the newest first: those whose traits hold its name.
UNWIND $rows AS row
CALL (row) {
  MATCH (customer:Customer {id: row.customer_id})<-[:BELONGS_TO]-(i:Identifier)<-[:OBSERVED]-(e:Event)
  USING INDEX SEEK customer:Customer(id)
  WHERE any(spelling IN row.spellings WHERE e.traits CONTAINS spelling)
  WITH row, e, i,
    CASE WHEN row.before_s IS NULL THEN null ELSE datetime.fromEpoch(row.before_s, row.before_ns) END AS before
  WHERE before IS NULL OR e.occurred_at < before
    OR e.occurred_at = before
      AND (e.source < row.before_source OR e.source = row.before_source AND e.message_id < row.before_message_id)
  WITH e, collect(i.key) AS own
  ORDER BY e.occurred_at DESC, e.source DESC, e.message_id DESC LIMIT $limit
  RETURN e, own
}
RETURN row.customer_id AS customer_id, row.name AS name, e.type AS type, instant(e.occurred_at) AS observed_at,
  e.source AS source, e.message_id AS message_id, e.traits AS traits, own,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
ORDER BY observed_at DESC, source DESC, message_id DESC
