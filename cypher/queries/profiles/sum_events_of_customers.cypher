// The events of some names of some customers, alike ones together: how many there are, and the first and the last of them.
// Alike are those with the same properties that lie in the same windows, which begin after `edges`, and in the same six hours,
// each of these only if it matters.
WITH [edge IN $edges | datetime(edge)] AS edges
UNWIND $customer_ids AS customer_id
CALL (customer_id, edges) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at >= datetime($since) AND e.occurred_at <= datetime($until) AND e.received_at IS NOT NULL
  WITH e, edges, CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name
  WHERE name IN $names
  WITH name,
       CASE WHEN $properties THEN e.properties END AS properties,
       CASE WHEN size(edges) > 0 THEN size([edge IN edges WHERE e.occurred_at > edge]) END AS windows,
       CASE WHEN $hours THEN instant(e.occurred_at) / 21600000000 END AS hours,
       [e.occurred_at, e.source, e.message_id] AS place
  RETURN name, properties, windows, hours, count(*) AS events, min(place) AS first, max(place) AS last
}
WITH customer_id, name, properties, events, first, last, first[0] AS began, last[0] AS ended
RETURN customer_id,
       name,
       properties,
       events,
       instant(began) AS first_at, first[1] AS first_source, first[2] AS first_message_id,
       instant(ended) AS last_at, last[1] AS last_source, last[2] AS last_message_id
LIMIT $most
