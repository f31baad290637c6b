// The end of the audit log.
MATCH (s:Sequence {name: 'audit'})
USING INDEX SEEK s:Sequence(name)
RETURN s.last AS length, s.root AS root
