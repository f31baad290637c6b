// Lock these customers in the order given and read them; one that was merged meanwhile has no size.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
REMOVE c.locked
RETURN c.id AS id,
  instant(c.created_at) AS created_at,
  instant(c.first_seen) AS first_seen,
  instant(c.last_seen) AS last_seen,
  instant(c.updated_at) AS updated_at,
  c.size AS size, c.counts AS counts,
  coalesce(c.contested, false) AS contested, coalesce(c.contested_by_window, false) AS contested_by_window,
  coalesce(c.judged, false) AS judged, coalesce(c.rule_version, 1) AS rule_version
