// Where the application of rules stands, locked: one step of it is taken after the other.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
REMOVE r.locked
RETURN r.status AS status, coalesce(r.phase, 'events') AS phase, coalesce(r.cursor, '') AS cursor, coalesce(r.seen, 0) AS seen
