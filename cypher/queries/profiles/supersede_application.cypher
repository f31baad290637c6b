// The application of this catalogue ends where it is: another is in force.
MATCH (c:Catalogue {version: $version})
USING INDEX SEEK c:Catalogue(version)
SET c.status = 'SUPERSEDED'
REMOVE c.phase, c.cursor, c.seen
