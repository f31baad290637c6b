// Dead letters in the order of their ids, from after a given one: all of them are walked for a retry.
MATCH (d:DeadLetter)
USING INDEX SEEK d:DeadLetter(id)
WHERE d.id > $after
RETURN d.id AS id, d.source AS source, d.raw AS raw, d.type_hint AS type_hint, d.sent_at AS sent_at, d.protocol AS protocol,
  instant(d.received_at) AS received_at
ORDER BY d.id LIMIT $limit
