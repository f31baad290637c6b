// What these customers keep of themselves; those that ended are left out.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
WHERE c.size > 0
RETURN c.id AS id, c.size AS size, c.counts AS counts, coalesce(c.contested, false) AS contested,
  coalesce(c.judged, false) AS judged, coalesce(c.rule_version, 1) AS rule_version
