// A page of the destinations, by id.
MATCH (d:Destination)
USING INDEX SEEK d:Destination(id)
WHERE d.id > $after
WITH d ORDER BY d.id LIMIT $limit
RETURN d.id AS id, d.name AS name, d.url AS url, d.segments AS segments, d.kinds AS kinds, d.reentry AS reentry,
  d.cool_down AS cool_down, coalesce(d.initial, false) AS initial, d.region AS region, d.channel AS channel,
  d.change_position AS change_position,
  instant(d.created_at) AS created_at, instant(d.updated_at) AS updated_at,
  instant(d.disabled_at) AS disabled_at, d.disabled_reason AS disabled_reason
ORDER BY id
