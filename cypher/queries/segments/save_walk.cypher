// Note how far everybody was gone through for a segment, and what is being done for it.
UNWIND $rows AS row
MATCH (s:Segment {id: row.id})
USING INDEX SEEK s:Segment(id)
WHERE s.deleted_at IS NULL
SET s.state = row.state, s.cursor = row.cursor, s.passed = row.passed, s.total = row.total
