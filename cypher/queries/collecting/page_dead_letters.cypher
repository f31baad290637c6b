// A page of the dead letters, those received last first.
// Two parts, so that each walks the index: what is left of the tie at the cursor, then all that comes after it.
CALL () {
  MATCH (d:DeadLetter)
  USING INDEX SEEK d:DeadLetter(received_at)
  WHERE d.received_at = datetime($before) AND d.id < $before_id
  RETURN d ORDER BY d.id DESC LIMIT $limit
  UNION ALL
  MATCH (d:DeadLetter)
  USING INDEX SEEK d:DeadLetter(received_at)
  WHERE d.received_at < datetime($before)
  RETURN d ORDER BY d.received_at DESC, d.id DESC LIMIT $limit
}
WITH d ORDER BY d.received_at DESC, d.id DESC LIMIT $limit
RETURN d.id AS id,
       d.code AS code,
       d.reason AS reason,
       instant(d.received_at) AS received_at,
       d.source AS source,
       d.raw AS raw,
       coalesce(d.attempts, 0) AS attempts,
       d.last_error AS last_error
ORDER BY d.received_at DESC, id DESC
