// Dead letters by their ids.
UNWIND $ids AS asked_id
MATCH (d:DeadLetter {id: asked_id})
USING INDEX SEEK d:DeadLetter(id)
RETURN d.id AS id,
       d.code AS code,
       d.reason AS reason,
       instant(d.received_at) AS received_at,
       d.source AS source,
       d.raw AS raw,
       coalesce(d.attempts, 0) AS attempts,
       d.last_error AS last_error
