// Let one change of the catalogue be made after the other.
MERGE (s:Sequence {name: 'catalogues'})
SET s.last = coalesce(s.last, 0) + 1
