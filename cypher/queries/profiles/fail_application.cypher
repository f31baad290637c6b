// The application of this catalogue came to a halt, unless another is in force by now.
MATCH (c:Catalogue {version: $version})
USING INDEX SEEK c:Catalogue(version)
REMOVE c.locked
WITH c WHERE c.status = 'APPLYING'
SET c.status = 'FAILED', c.error = $error
