// Move when customers were first and last seen; nothing else of them changed.
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
USING INDEX SEEK c:Customer(id)
SET c.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  c.last_seen = datetime.fromEpoch(row.last_s, row.last_ns)
