// Orders by their ids, each with the identifier whose it is, if any.
UNWIND $ids AS asked_id
MATCH (o:Order {id: asked_id})
USING INDEX SEEK o:Order(id)
WHERE NOT EXISTS { (o)-[:OF]->(:Identifier)-[:BELONGS_TO]->(:Restricted) }
RETURN o.id AS id, o.scope AS scope, o.order_id AS order_id, o.state AS state,
  instant(o.at) AS at, o.placed_at IS NOT NULL AS is_placed, o.currency AS currency, o.total AS total,
  o.revenue AS revenue, o.refunded AS refunded, o.shipping AS shipping, o.tax AS tax, o.discount AS discount,
  o.lines AS lines, o.problems AS problems,
  head(COLLECT { MATCH (o)-[:OF]->(i:Identifier) RETURN i.key }) AS owner_key
