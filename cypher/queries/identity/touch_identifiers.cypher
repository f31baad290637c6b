// Move when identifiers were first and last seen; nothing else of them changed.
UNWIND $rows AS row
MATCH (i:Identifier) WHERE elementId(i) = row.ref
SET i.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  i.last_seen = datetime.fromEpoch(row.last_s, row.last_ns)
