// The application of these rules came to a halt, unless others are in force by now.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
REMOVE r.locked
WITH r WHERE r.status = 'APPLYING'
SET r.status = 'FAILED', r.error = $error
