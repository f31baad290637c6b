// Keep messages that could not be accepted; one that is kept already stays as it is.
UNWIND $rows AS row
OPTIONAL MATCH (known:DeadLetter {id: row.id})
USING INDEX SEEK known:DeadLetter(id)
WITH row, known
WHERE known IS NULL
CREATE (:DeadLetter {
  id: row.id, code: row.code, reason: row.reason, source: row.source, raw: row.raw,
  type_hint: row.type_hint, sent_at: row.sent_at, protocol: row.protocol, attempts: 0,
  received_at: datetime.fromEpoch(row.received_s, row.received_ns)
})
RETURN count(*) AS created
