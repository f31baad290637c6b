// Write an experiment, a new one or another version of one that there is.
MERGE (x:Experiment {id: $id})
ON CREATE SET x.created_at = datetime.fromEpoch($at_s, $at_ns), x.version = 0
SET x.name = $name, x.definition = $definition, x.saved_by = $actor, x.version = x.version + 1,
  x.updated_at = datetime.fromEpoch($at_s, $at_ns)
