// Give the customers of identifiers the properties that each has, so that they can be read; a repair counts them anew.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
WITH DISTINCT c
WHERE c.size IS NULL OR c.counts IS NULL OR c.first_seen IS NULL OR c.last_seen IS NULL OR c.created_at IS NULL OR c.updated_at IS NULL
WITH c, datetime.fromEpoch($at_s, $at_ns) AS at
SET c.size = coalesce(c.size, 0), c.counts = coalesce(c.counts, '{}'), c.first_seen = coalesce(c.first_seen, at),
  c.last_seen = coalesce(c.last_seen, at), c.created_at = coalesce(c.created_at, at), c.updated_at = coalesce(c.updated_at, at),
  c.rule_version = coalesce(c.rule_version, $rule_version)
