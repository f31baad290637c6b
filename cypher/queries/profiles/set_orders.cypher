// Write what orders come to, and whose they are, whatever was there before.
UNWIND $rows AS row
MATCH (o:Order {id: row.id})
USING INDEX SEEK o:Order(id)
SET o.state = row.state, o.at = datetime.fromEpoch(row.at_s, row.at_ns),
  o.placed_at = CASE WHEN row.is_placed THEN datetime.fromEpoch(row.at_s, row.at_ns) END,
  o.currency = row.currency, o.total = row.total, o.revenue = row.revenue, o.refunded = row.refunded,
  o.shipping = row.shipping, o.tax = row.tax, o.discount = row.discount, o.lines = row.lines, o.problems = row.problems
WITH o, row
CALL (o, row) {
  MATCH (o)-[old:OF]->(was:Identifier)
  WHERE row.owner IS NULL OR was.key <> row.owner
  DELETE old
}
CALL (o, row) {
  MATCH (i:Identifier {key: row.owner})
  USING INDEX SEEK i:Identifier(key)
  MERGE (o)-[:OF]->(i)
}
