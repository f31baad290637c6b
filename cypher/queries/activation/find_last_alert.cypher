// The position of the last alert that was told, 0 without any.
OPTIONAL MATCH (s:Sequence {name: 'alerts'})
USING INDEX SEEK s:Sequence(name)
RETURN coalesce(s.last, 0) AS position
