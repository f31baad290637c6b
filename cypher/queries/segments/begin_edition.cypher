// Begin to evaluate everybody under the rule that was saved last, aside.
MATCH (s:Segment {id: $id})
USING INDEX SEEK s:Segment(id)
WHERE s.deleted_at IS NULL
WITH s, s.last_edition + 1 AS next
SET s.last_edition = next, s.next_edition = next, s.next_rule = s.rule, s.next_audience = s.audience,
  s.state = 'CHANGING', s.cursor = '', s.passed = 0
