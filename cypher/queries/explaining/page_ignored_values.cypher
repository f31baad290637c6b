// A page of the values that were no identifiers, or linked nothing, those received last first; one event may hold several.
MATCH (e:Event)
USING INDEX SEEK e:Event(ignored_at)
WHERE e.ignored_at <= datetime($before)
WITH e, e.ignored_at AS at
WHERE (at < datetime($before) OR e.id < $before_id)
  AND ($code IS NULL OR any(item IN e.ignored WHERE item STARTS WITH $code + ' '))
  AND (NOT EXISTS { (e)-[:OBSERVED]->(:Identifier)-[:BELONGS_TO]->(:Restricted) })
WITH e, at ORDER BY at DESC, e.id DESC LIMIT $limit + 1
UNWIND range(0, size(e.ignored) - 1) AS place
WITH e, at, e.ignored[place] AS item, e.id + '/' + right('00' + toString(place), 3) AS id
WHERE (at < datetime($before) OR id < $before_id) AND ($code IS NULL OR item STARTS WITH $code + ' ')
RETURN id,
       instant(at) AS ignored_at,
       item,
       e.id AS event_id,
       instant(e.occurred_at) AS occurred_at
ORDER BY at DESC, id DESC LIMIT $limit
