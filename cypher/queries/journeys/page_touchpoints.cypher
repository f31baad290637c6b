// A page of some customers' journeys, newest first: the events of the sessions that belong to their identifiers.
// Those of each identifier lie in an index in the order in which they happened, so a page begins at its cursor wherever that is.
// (An OR of the two parts of the cursor would be planned as a union, which has no order.)
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  CALL (i) {
    MATCH (e:Event)
    USING INDEX SEEK e:Event(owner, occurred_at, received_at)
    WHERE e.owner = i.key AND e.occurred_at >= datetime($since) AND e.occurred_at <= datetime($before)
      AND e.received_at IS NOT NULL
      AND CASE WHEN e.occurred_at = datetime($before) THEN e.id < $before_id ELSE true END
      AND ($types IS NULL OR e.type IN $types)
      AND ($names IS NULL OR CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END IN $names)
      AND ($channels IS NULL OR e.channel IN $channels)
      AND ($campaigns IS NULL OR e.campaign_name IN $campaigns)
    RETURN e ORDER BY e.owner DESC, e.occurred_at DESC, e.id DESC LIMIT $limit
  }
  RETURN e ORDER BY e.occurred_at DESC, e.id DESC LIMIT $limit
}
MATCH (e)-[:IN]->(s:Session)
RETURN customer_id,
       e.id AS id,
       e.type AS type,
       CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name,
       instant(e.occurred_at) AS occurred_at,
       instant(e.received_at) AS received_at,
       e.channel AS channel,
       e.source AS source,
       e.properties AS properties,
       s.id AS session_id,
       instant(s.started_at) AS session_started_at,
       instant(s.ended_at) AS session_ended_at,
       s.channel AS session_channel,
       s.first_source AS session_source,
       s.touchpoint_count AS session_touchpoint_count
ORDER BY e.occurred_at DESC, e.id DESC
