// This catalogue is applied, and those before it are history.
MATCH (c:Catalogue {version: $version})
USING INDEX SEEK c:Catalogue(version)
SET c.status = 'ACTIVE', c.progress = 1.0
REMOVE c.phase, c.cursor, c.seen, c.error
WITH c
MATCH (former:Catalogue)
WHERE former.version > 0 AND former.version < c.version AND former.status <> 'SUPERSEDED'
SET former.status = 'SUPERSEDED'
