// A page of the events that tell that somebody saw a variant of an experiment, in the order of time, with the customer as of now.
// Two parts, so that each walks the index: what is left of the tie at the cursor, then all that comes after it.
CALL () {
  MATCH (e:Event)
  USING INDEX SEEK e:Event(exposed_at)
  WHERE e.exposed_at = datetime($after) AND e.id > $after_id
  RETURN e ORDER BY e.id LIMIT $limit
  UNION ALL
  MATCH (e:Event)
  USING INDEX SEEK e:Event(exposed_at)
  WHERE e.exposed_at > datetime($after)
  RETURN e ORDER BY e.exposed_at, e.id LIMIT $limit
}
WITH e ORDER BY e.exposed_at, e.id LIMIT $limit
OPTIONAL MATCH (i:Identifier {key: e.owner})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
RETURN e.id AS id, instant(e.exposed_at) AS at, CASE WHEN c:Restricted THEN null ELSE c.id END AS customer_id, e.properties AS properties
ORDER BY at, id
