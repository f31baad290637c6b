// Keep new alerts, each held until it may be told.
UNWIND $rows AS row
CREATE (:Alert {
  id: row.id, rule_id: row.rule_id, rule_name: row.rule_name, about: row.about, customer_id: row.customer_id,
  event_id: row.event_id, event_name: row.event_name, repeats: row.repeats,
  occurred_at: datetime.fromEpoch(row.occurred_s, row.occurred_ns), at: datetime.fromEpoch(row.at_s, row.at_ns),
  held_until: datetime.fromEpoch(row.held_s, row.held_ns)
})
