// Begin a unit of work: no other of this writer runs beside it, and it is done under the rules that are in force.
MERGE (n:IngestCounter {writer: $writer})
ON CREATE SET n.accepted = 0, n.duplicates = 0, n.dead_lettered = 0, n.ignored = '{}'
REMOVE n.locked
WITH n
MATCH (r:RuleSet)
WHERE r.version > 0
RETURN r.version AS rule_version
ORDER BY r.version DESC LIMIT 1
