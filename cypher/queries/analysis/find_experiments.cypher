// Experiments by their ids or by their names.
UNWIND $names AS name
CALL (name) {
  MATCH (x:Experiment {id: name})
  USING INDEX SEEK x:Experiment(id)
  RETURN x
  UNION
  MATCH (x:Experiment {name: name})
  USING INDEX SEEK x:Experiment(name)
  RETURN x
}
RETURN x.id AS id, x.name AS name, x.definition AS definition, x.version AS version,
  instant(x.created_at) AS created_at, instant(x.updated_at) AS updated_at, x.saved_by AS saved_by
