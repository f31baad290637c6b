// Where the change log is read from a moment on: the latest moment up to each change. It never goes back along the log, while
// the moments themselves may, since the clocks of several processes differ.
CREATE INDEX change_reached_at IF NOT EXISTS FOR (n:Change) ON (n.reached_at, n.position);

MATCH (change:Change)
WHERE change.reached_at IS NULL
WITH change ORDER BY change.position
CALL (change) {
  MERGE (s:Sequence {name: 'changes'})
  REMOVE s.locked
  WITH change, s
  WHERE change.reached_at IS NULL
  SET s.reached_at = CASE WHEN s.reached_at > change.at THEN s.reached_at ELSE change.at END
  SET change.reached_at = s.reached_at
} IN TRANSACTIONS OF 10000 ROWS;

// Who used to have a value, in a namespace that the rules do not declare.
CREATE INDEX former_identifier_value IF NOT EXISTS FOR (n:FormerIdentifier) ON (n.value);
