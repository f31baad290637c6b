// Where the application of a catalogue stands, locked: one step of it is taken after the other.
MATCH (c:Catalogue {version: $version})
USING INDEX SEEK c:Catalogue(version)
REMOVE c.locked
RETURN c.status AS status, coalesce(c.phase, '') AS phase, coalesce(c.cursor, '') AS cursor, coalesce(c.seen, 0) AS seen
