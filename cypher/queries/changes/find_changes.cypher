// Changes by their ids.
UNWIND $ids AS asked_id
MATCH (change:Change {id: asked_id})
USING INDEX SEEK change:Change(id)
RETURN change.id AS id, change.position AS position, change.kind AS kind,
  instant(change.at) AS at, change.rule_version AS rule_version,
  change.trigger_kind AS trigger_kind, change.trigger_id AS trigger_id
