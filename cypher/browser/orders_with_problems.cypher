// Orders with problems: those whose events contradict each other, such as refunds above the total
// guide: Orders
// plan: NodeByLabelScan because it looks at every order
MATCH (o:Order)
WHERE o.problems IS NOT NULL
RETURN o.at AS at, o.order_id AS order_id, o.scope AS scope, o.state AS state, o.total AS total, o.refunded AS refunded,
  o.problems AS problems,
  COLLECT { MATCH (o)<-[:REPORTS]-(e:Event) RETURN e.source + ': ' + e.name ORDER BY e.occurred_at } AS reported_by
ORDER BY at DESC LIMIT 100
