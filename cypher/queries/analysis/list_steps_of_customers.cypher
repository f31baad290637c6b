// The events of some customers, of some names or of all, with the visit in which each happened if visits are asked for. A visit
// is named after its first event, which tells what brought the person.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at >= datetime($since) AND e.occurred_at <= datetime($until) AND e.received_at IS NOT NULL
    AND ($names IS NULL OR CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END IN $names)
  RETURN e
}
WITH customer_id, e LIMIT $most
CALL (e) {
  WITH e WHERE $visits
  MATCH (e)-[:IN]->(s:Session)
  MATCH (first:Event {id: 'evt_' + substring(s.id, 4)})
  USING INDEX SEEK first:Event(id)
  RETURN first, s
  UNION ALL
  WITH e WHERE NOT $visits
  RETURN null AS first, null AS s
}
RETURN customer_id,
       instant(e.occurred_at) AS occurred_at,
       e.source AS source,
       e.message_id AS message_id,
       CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name,
       e.channel AS channel,
       CASE WHEN $properties THEN e.properties END AS properties,
       instant(first.occurred_at) AS visit_at,
       first.source AS visit_source,
       first.message_id AS visit_message_id,
       CASE WHEN coalesce(first.name, '') = '' THEN first.type ELSE first.name END AS visit_name,
       s.channel AS visit_channel,
       first.campaign_source AS campaign_source,
       first.campaign_medium AS campaign_medium,
       first.campaign_name AS campaign_name
