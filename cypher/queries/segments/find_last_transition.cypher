// The position of the latest transition, 0 without any.
RETURN coalesce(head(COLLECT { MATCH (s:Sequence {name: 'transitions'}) USING INDEX SEEK s:Sequence(name) RETURN s.last }), 0) AS position
