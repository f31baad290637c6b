// Where the application of rules stands.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
RETURN r.status AS status, coalesce(r.phase, 'events') AS phase, coalesce(r.cursor, '') AS cursor, coalesce(r.seen, 0) AS seen
