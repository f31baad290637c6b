// Destinations by their ids, without their secrets.
UNWIND $ids AS wanted
MATCH (d:Destination {id: wanted})
USING INDEX SEEK d:Destination(id)
RETURN d.id AS id, d.name AS name, d.url AS url, d.segments AS segments, d.kinds AS kinds, d.reentry AS reentry,
  d.cool_down AS cool_down, coalesce(d.initial, false) AS initial, d.region AS region, d.channel AS channel,
  d.change_position AS change_position,
  instant(d.created_at) AS created_at, instant(d.updated_at) AS updated_at,
  instant(d.disabled_at) AS disabled_at, d.disabled_reason AS disabled_reason
