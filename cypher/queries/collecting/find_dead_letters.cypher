// Dead letters by their ids, with all that a retry needs.
UNWIND $ids AS asked_id
MATCH (d:DeadLetter {id: asked_id})
USING INDEX SEEK d:DeadLetter(id)
RETURN d.id AS id, d.source AS source, d.raw AS raw, d.type_hint AS type_hint, d.sent_at AS sent_at, d.protocol AS protocol,
  instant(d.received_at) AS received_at
