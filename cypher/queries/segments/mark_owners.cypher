// Mark the customers of identifiers on which something changed that segments read.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})-[:BELONGS_TO]->(c:Customer)
USING INDEX SEEK i:Identifier(key)
REMOVE c.locked
SET c.waiting_for = CASE
    WHEN '*' IN row.tokens OR '*' IN coalesce(c.waiting_for, []) THEN ['*']
    ELSE coalesce(c.waiting_for, []) + [token IN row.tokens WHERE NOT token IN coalesce(c.waiting_for, [])]
  END,
  c.waiting_since = coalesce(c.waiting_since, datetime.fromEpoch($at_s, $at_ns)),
  c.waiting_mark = coalesce(c.waiting_mark, 0) + 1,
  c.waiting_cause = CASE WHEN coalesce(c.waiting_cause, 0) > row.cause THEN c.waiting_cause ELSE row.cause END,
  c.waiting_at = CASE
    WHEN c.waiting_at > datetime.fromEpoch(row.occurred_s, row.occurred_ns) THEN c.waiting_at
    ELSE datetime.fromEpoch(row.occurred_s, row.occurred_ns)
  END
