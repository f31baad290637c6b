// How many events up to a time still have their content: of one name, or of all names but some.
MATCH (e:Event)
USING INDEX SEEK e:Event(occurred_at, id)
WHERE e.occurred_at <= datetime($until) AND e.id IS NOT NULL AND e.emptied_at IS NULL AND e.type <> 'track_id_unbind'
WITH e, CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name,
  EXISTS { (e)-[:REPORTS]->(:Order) } AS tells_of_order
WHERE tells_of_order = $orders AND ($orders OR CASE WHEN $name IS NULL THEN NOT name IN $others ELSE name = $name END)
RETURN count(e) AS total
