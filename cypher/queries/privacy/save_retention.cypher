// Note how far retention is.
MATCH (r:Retention {name: 'retention'})
USING INDEX SEEK r:Retention(name)
SET r.state = $state
