// Begin a unit of work: no other of this writer runs beside it, and it is done under the rules and the catalogue that are
// in force, for the segments that there are, and with the salt of tombstones once somebody was erased, and whether there are bars; without a catalogue or segments in the graph their version is 0. A seek of a
// unique value would lock it in a query that writes, and units of work would wait for each other: this one seeks a range.
MERGE (n:IngestCounter {writer: $writer})
ON CREATE SET n.accepted = 0, n.duplicates = 0, n.dead_lettered = 0, n.ignored = '{}'
REMOVE n.locked
WITH n
MATCH (r:RuleSet)
WHERE r.version > 0
WITH r.version AS rule_version
ORDER BY r.version DESC LIMIT 1
RETURN rule_version,
  coalesce(head(COLLECT { MATCH (c:Catalogue) WHERE c.version > 0 RETURN c.version ORDER BY c.version DESC LIMIT 1 }), 0)
    AS catalogue_version,
  coalesce(head(COLLECT { MATCH (s:Sequence) USING INDEX SEEK s:Sequence(name) WHERE s.name STARTS WITH 'segments' RETURN s.last }), 0)
    AS segments_version,
  head(COLLECT { MATCH (a:AccessSecret) USING INDEX SEEK a:AccessSecret(name) WHERE a.name STARTS WITH 'tombstones' RETURN a.secret })
    AS salt,
  EXISTS { MATCH (b:Bar) USING INDEX SEEK b:Bar(subject) WHERE b.subject STARTS WITH 'bar:' } AS has_bars
