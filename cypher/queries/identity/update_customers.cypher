// Write what changed of known customers; updated_at moves when their identifiers did.
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
USING INDEX SEEK c:Customer(id)
SET c.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  c.last_seen = datetime.fromEpoch(row.last_s, row.last_ns),
  c.updated_at = datetime.fromEpoch(row.updated_s, row.updated_ns),
  c.size = row.size, c.counts = row.counts,
  c.contested = row.contested, c.contested_by_window = row.contested_by_window,
  c.judged = row.judged, c.rule_version = row.rule_version, c.awaited = null
