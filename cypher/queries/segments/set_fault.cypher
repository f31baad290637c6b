// Note why the rule of a segment cannot be evaluated, or that it can.
UNWIND $rows AS row
MATCH (s:Segment {id: row.id})
USING INDEX SEEK s:Segment(id)
SET s.fault = row.fault
