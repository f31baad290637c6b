// Keep orders without the person; one that was kept before is kept as it is now.
UNWIND $rows AS row
MERGE (p:PreservedOrder {id: row.id})
SET p.scope = row.scope, p.order_id = row.order_id, p.state = row.state, p.day = row.day, p.currency = row.currency,
  p.total = row.total, p.revenue = row.revenue, p.refunded = row.refunded, p.shipping = row.shipping, p.tax = row.tax,
  p.discount = row.discount, p.lines = row.lines
