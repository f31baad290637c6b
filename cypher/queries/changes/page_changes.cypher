// A page of the change log in its order, after a position.
MATCH (change:Change)
USING INDEX SEEK change:Change(position)
WHERE change.position > $after AND ($kinds IS NULL OR change.kind IN $kinds)
  AND ($since IS NULL OR change.at >= datetime($since))
  AND (NOT EXISTS { (change)-[:AFFECTED]->(:Customer)-[:MERGED_INTO*0..]->(:Restricted) })
WITH change ORDER BY change.position LIMIT $limit
RETURN change.id AS id, change.position AS position, change.kind AS kind,
  instant(change.at) AS at, change.rule_version AS rule_version,
  change.trigger_kind AS trigger_kind, change.trigger_id AS trigger_id
ORDER BY position
