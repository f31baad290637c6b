// The last position of the change log, 0 before the first change.
OPTIONAL MATCH (s:Sequence {name: 'changes'})
USING INDEX SEEK s:Sequence(name)
RETURN coalesce(s.last, 0) AS position
