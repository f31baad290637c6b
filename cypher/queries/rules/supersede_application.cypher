// The application of these rules ends where it is: others are in force.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
SET r.status = 'SUPERSEDED'
REMOVE r.phase, r.cursor, r.seen
