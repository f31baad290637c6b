// Funnel: how many customers did one thing, and how many of them another one within a week
// plan: NodeByLabelScan because it reads every customer
WITH 'Product Added' AS first, 'Order Completed' AS second
MATCH (c:Customer)
WHERE NOT c:Former
CALL (c, first, second) {
  MATCH (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(:Session)<-[:IN]-(begun:Event {name: first})
  RETURN count(begun) > 0 AS began, max(EXISTS {
    MATCH (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(:Session)<-[:IN]-(done:Event {name: second})
    WHERE done.occurred_at > begun.occurred_at AND done.occurred_at < begun.occurred_at + duration('P7D')
  }) AS ended
}
WITH first, second, began, ended WHERE began
RETURN first, count(*) AS began, second, count(CASE WHEN ended THEN 1 END) AS within_a_week
