// The visits of some customers that began in a time, each with its first event, which tells what brought the person.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
USING INDEX SEEK customer:Customer(id)
WHERE s.started_at >= datetime($since) AND s.started_at <= datetime($until)
WITH customer_id, s LIMIT $most
MATCH (first:Event {id: 'evt_' + substring(s.id, 4)})
USING INDEX SEEK first:Event(id)
RETURN customer_id,
       instant(first.occurred_at) AS visit_at,
       first.source AS visit_source,
       first.message_id AS visit_message_id,
       CASE WHEN coalesce(first.name, '') = '' THEN first.type ELSE first.name END AS visit_name,
       s.channel AS visit_channel,
       first.campaign_source AS campaign_source,
       first.campaign_medium AS campaign_medium,
       first.campaign_name AS campaign_name
