// Write new customers; their identifiers come after them.
UNWIND $rows AS row
CREATE (c:Customer {
  id: row.id, created_at: datetime.fromEpoch($at_s, $at_ns), updated_at: datetime.fromEpoch($at_s, $at_ns),
  first_seen: datetime.fromEpoch(row.first_s, row.first_ns), last_seen: datetime.fromEpoch(row.last_s, row.last_ns),
  size: row.size, counts: row.counts, contested: row.contested, contested_by_window: row.contested_by_window,
  judged: row.judged, rule_version: row.rule_version
})
