// Put in force what was computed aside, at once. The edition before is kept until who entered and left by it is told.
MATCH (s:Segment {id: $id})
USING INDEX SEEK s:Segment(id)
WHERE s.deleted_at IS NULL AND s.state = 'CHANGING'
WITH s, s.edition AS former
SET s.edition = s.next_edition, s.live_rule = s.next_rule, s.live_audience = s.next_audience, s.next_edition = former,
  s.state = 'SETTLING', s.cursor = '', s.passed = 0
REMOVE s.next_rule, s.next_audience
WITH s, COUNT { MATCH (m:SegmentMembership) WHERE m.edition = $edition AND m.since IS NOT NULL AND m.customer_id IS NOT NULL } AS size
SET s.size = size
RETURN size
