// Remember how far the application of a catalogue has come.
MATCH (c:Catalogue {version: $version})
USING INDEX SEEK c:Catalogue(version)
SET c.phase = $phase, c.cursor = $cursor, c.seen = $seen, c.progress = $progress
