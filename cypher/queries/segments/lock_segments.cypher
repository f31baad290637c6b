// Let one change of segments be made after the other; each gives the set of them another version.
MERGE (s:Sequence {name: 'segments'})
SET s.last = coalesce(s.last, 0) + 1
RETURN s.last AS version
