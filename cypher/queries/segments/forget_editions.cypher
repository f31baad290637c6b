// Note that all editions of a deleted segment are named among those that are to be forgotten.
UNWIND $ids AS id
MATCH (s:Segment {id: id})
USING INDEX SEEK s:Segment(id)
SET s.edition = 0
