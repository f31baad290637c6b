// A page of all events by the time at which they happened, up to a time.
// Two parts, so that each walks the index: what is left of the tie at the position, then all that comes after it.
CALL () {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(occurred_at, id)
  WHERE e.occurred_at = datetime($after) AND e.id > $after_id AND e.occurred_at <= datetime($until)
  RETURN e ORDER BY e.id LIMIT $limit
  UNION ALL
  MATCH (e:Event)
  USING INDEX SEEK e:Event(occurred_at, id)
  WHERE e.occurred_at > datetime($after) AND e.occurred_at <= datetime($until) AND e.id IS NOT NULL
  RETURN e ORDER BY e.occurred_at, e.id LIMIT $limit
}
WITH e ORDER BY e.occurred_at, e.id LIMIT $limit
RETURN e.id AS id, e.type AS type, e.name AS name, instant(e.occurred_at) AS occurred_at, e.traits AS traits,
  e.emptied_at IS NOT NULL AS is_emptied,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
ORDER BY occurred_at, id
