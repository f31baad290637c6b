// A page of the orders that erasures kept without the person, by id.
MATCH (p:PreservedOrder)
USING INDEX SEEK p:PreservedOrder(id)
WHERE p.id > $after
RETURN p.id AS id, p.scope AS scope, p.order_id AS order_id, p.state AS state, p.day AS day, p.currency AS currency,
  p.total AS total, p.revenue AS revenue, p.refunded AS refunded, p.shipping AS shipping, p.tax AS tax,
  p.discount AS discount, p.lines AS lines
ORDER BY p.id LIMIT $limit
