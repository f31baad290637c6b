// The application of these rules came to a halt.
MATCH (r:RuleSet {version: $version})
USING INDEX SEEK r:RuleSet(version)
SET r.status = 'FAILED', r.error = $error
