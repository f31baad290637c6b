// These rules are applied, and those before them are history.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
SET r.status = 'ACTIVE', r.progress = 1.0
REMOVE r.phase, r.cursor, r.seen, r.error
WITH r
MATCH (former:RuleSet)
WHERE former.version > 0 AND former.version < r.version AND former.status <> 'SUPERSEDED'
SET former.status = 'SUPERSEDED'
