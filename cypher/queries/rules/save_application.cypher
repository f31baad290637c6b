// Remember how far the application of rules has come.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
SET r.phase = $phase, r.cursor = $cursor, r.seen = $seen, r.progress = $progress
