// Lock these customers in the order given and read them; one that was merged meanwhile has no size.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
REMOVE c.locked
RETURN c.id AS id,
  c.created_at.epochSeconds * 1000000 + c.created_at.microsecond AS created_at,
  c.first_seen.epochSeconds * 1000000 + c.first_seen.microsecond AS first_seen,
  c.last_seen.epochSeconds * 1000000 + c.last_seen.microsecond AS last_seen,
  c.updated_at.epochSeconds * 1000000 + c.updated_at.microsecond AS updated_at,
  c.size AS size, c.counts AS counts,
  coalesce(c.contested, false) AS contested, coalesce(c.contested_by_window, false) AS contested_by_window,
  coalesce(c.judged, false) AS judged, coalesce(c.rule_version, 1) AS rule_version
