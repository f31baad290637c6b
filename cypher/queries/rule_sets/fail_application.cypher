// The application of these rules came to a halt.
MATCH (r:RuleSet {version: $version})
SET r.status = 'FAILED', r.error = $error
