// Write what new observations changed of known links.
UNWIND $rows AS row
MATCH ()-[link:OBSERVED_WITH]->() WHERE elementId(link) = row.ref
SET link.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  link.last_seen = datetime.fromEpoch(row.last_s, row.last_ns),
  link.count = row.count, link.sources = row.sources
