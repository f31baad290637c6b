// Segments by their ids, deleted ones too.
UNWIND $ids AS id
MATCH (s:Segment {id: id})
USING INDEX SEEK s:Segment(id)
RETURN s.id AS id, s.name AS name, s.description AS description, s.rule AS rule, s.audience AS audience, s.purpose AS purpose,
  s.version AS version, instant(s.created_at) AS created_at, instant(s.updated_at) AS updated_at,
  instant(s.deleted_at) AS deleted_at, s.size AS size, s.state AS state, s.passed AS passed, s.total AS total,
  s.fault AS fault, s.edition AS edition, s.last_edition AS last_edition, s.live_rule AS live_rule,
  s.live_audience AS live_audience, s.next_edition AS next_edition, s.next_rule AS next_rule,
  s.next_audience AS next_audience, coalesce(s.cursor, '') AS cursor
