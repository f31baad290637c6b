// Write what new observations changed of known links.
UNWIND $rows AS row
MATCH (a:Identifier {key: row.a})
MATCH (b:Identifier {key: row.b})
MATCH (a)-[link:OBSERVED_WITH]->(b)
SET link.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  link.last_seen = datetime.fromEpoch(row.last_s, row.last_ns),
  link.count = row.count, link.sources = row.sources
