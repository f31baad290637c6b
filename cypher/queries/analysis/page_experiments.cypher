// A page of the experiments, those made last first.
// Two parts, so that each walks the index: what is left of the tie at the cursor, then all that comes after it.
CALL () {
  MATCH (x:Experiment)
  USING INDEX SEEK x:Experiment(created_at)
  WHERE x.created_at = datetime($before) AND x.id < $before_id
  RETURN x ORDER BY x.id DESC LIMIT $limit
  UNION ALL
  MATCH (x:Experiment)
  USING INDEX SEEK x:Experiment(created_at)
  WHERE x.created_at < datetime($before)
  RETURN x ORDER BY x.created_at DESC, x.id DESC LIMIT $limit
}
WITH x ORDER BY x.created_at DESC, x.id DESC LIMIT $limit
RETURN x.id AS id, x.name AS name, x.definition AS definition, x.version AS version,
  instant(x.created_at) AS created_at, instant(x.updated_at) AS updated_at, x.saved_by AS saved_by
ORDER BY created_at DESC, id DESC
