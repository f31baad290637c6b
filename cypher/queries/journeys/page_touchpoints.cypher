// A page of some customers' journeys, newest first: the events of the sessions that belong to their identifiers.
// Sessions are read before events. They are taken newest first until those that ended before the cursor hold $enough
// events; nothing before the start of the last one taken can be on the page, so what ended before it stays unread.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
  USING INDEX SEEK customer:Customer(id)
  WHERE s.started_at <= datetime($before) AND s.ended_at >= datetime($since)
  WITH s ORDER BY s.started_at DESC
  WITH collect(s) AS sessions
  WITH sessions, reduce(taken = {events: 0, floor: datetime($since)}, s IN sessions |
    CASE
      WHEN taken.events >= $enough THEN taken
      ELSE {
        events: taken.events + CASE WHEN s.ended_at < datetime($before) THEN s.touchpoint_count ELSE 0 END,
        floor: s.started_at
      }
    END) AS taken
  UNWIND sessions AS s
  WITH s, taken
  WHERE taken.events < $enough OR s.ended_at >= taken.floor
  MATCH (s)<-[:IN]-(e:Event)
  WHERE e.occurred_at >= datetime($since)
    AND (e.occurred_at < datetime($before) OR (e.occurred_at = datetime($before) AND e.id < $before_id))
    AND ($types IS NULL OR e.type IN $types)
    AND ($channels IS NULL OR e.channel IN $channels)
  RETURN s, e ORDER BY e.occurred_at DESC, e.id DESC LIMIT $limit
}
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
       s.touchpoint_count AS session_touchpoint_count
ORDER BY e.occurred_at DESC, e.id DESC
