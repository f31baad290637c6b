// Mark a segment as deleted. Its id and its name are never used again.
MATCH (s:Segment {id: $id})
USING INDEX SEEK s:Segment(id)
SET s.deleted_at = datetime.fromEpoch($at_s, $at_ns), s.updated_at = datetime.fromEpoch($at_s, $at_ns), s.state = 'DELETED', s.cursor = '', s.size = 0
REMOVE s.fault, s.next_edition, s.next_rule, s.next_audience
