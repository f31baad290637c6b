// Go on with the application of rules that had come to a halt.
MATCH (r:RuleSet {version: $version})
WHERE r.status = 'FAILED'
SET r.status = 'APPLYING'
REMOVE r.error
