// Stop what is computed aside: the rule is again the one that is in force.
MATCH (s:Segment {id: $id})
USING INDEX SEEK s:Segment(id)
WHERE s.deleted_at IS NULL
SET s.state = 'LIVE', s.cursor = ''
REMOVE s.next_edition, s.next_rule, s.next_audience
