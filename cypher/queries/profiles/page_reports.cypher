// A page of all events by id, each with what it may tell of an order, and with the order that it tells of by now.
MATCH (e:Event)
USING INDEX SEEK e:Event(id)
WHERE e.id > $after
WITH e ORDER BY e.id LIMIT $limit
WITH e, e.type = 'track' AND e.name IN $names AND e.retracted_at IS NULL AS may_report
RETURN e.id AS id, may_report, e.name AS name, e.source AS source, e.message_id AS message_id,
  CASE WHEN may_report THEN e.properties END AS properties,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order
