// Count who entered and left, in all and in this hour.
UNWIND $rows AS row
MATCH (s:Segment {id: row.segment_id})
USING INDEX SEEK s:Segment(id)
SET s.size = s.size + row.change
MERGE (h:SegmentSize {key: row.key})
ON CREATE SET h.segment_id = row.segment_id, h.at = datetime.fromEpoch($hour_s, 0), h.entered = 0, h.exited = 0
SET h.size = s.size, h.entered = h.entered + row.entered, h.exited = h.exited + row.exited
