// Give each identifier the one customer that it belongs to, whatever was there before.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
USING INDEX SEEK i:Identifier(key)
MATCH (c:Customer {id: row.customer_id})
USING INDEX SEEK c:Customer(id)
CALL (i) {
  MATCH (i)-[old:BELONGS_TO]->()
  WITH old, old.since AS since ORDER BY since
  WITH collect(old) AS all, min(since) AS first
  FOREACH (old IN all | DELETE old)
  RETURN first
}
CREATE (i)-[:BELONGS_TO {since: CASE WHEN row.keeps AND first IS NOT NULL THEN first ELSE datetime.fromEpoch($at_s, $at_ns) END}]->(c)
