// Write new links, from the smaller key to the larger.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (a:Identifier) WHERE elementId(a) = row.a
MATCH (b:Identifier) WHERE elementId(b) = row.b
CREATE (a)-[:OBSERVED_WITH {
  first_seen: datetime.fromEpoch(row.first_s, row.first_ns), last_seen: datetime.fromEpoch(row.last_s, row.last_ns),
  count: row.count, sources: row.sources
}]->(b)
