// What people say about identifiers: who is whose, who is not, what no longer counts.
CREATE CONSTRAINT judgement_id IF NOT EXISTS FOR (n:Judgement) REQUIRE n.id IS UNIQUE;
CREATE INDEX judgement_key_a IF NOT EXISTS FOR (n:Judgement) ON (n.key_a);
CREATE INDEX judgement_key_b IF NOT EXISTS FOR (n:Judgement) ON (n.key_b);
CREATE CONSTRAINT sequence_name IF NOT EXISTS FOR (n:Sequence) REQUIRE n.name IS UNIQUE;

// Identifiers whose evidence was taken back: who they were is remembered, by key.
CREATE INDEX former_identifier_key IF NOT EXISTS FOR (n:FormerIdentifier) ON (n.key);

// The change log in the order of the commits, and by time.
CREATE CONSTRAINT change_position IF NOT EXISTS FOR (n:Change) REQUIRE n.position IS UNIQUE;
CREATE INDEX change_at IF NOT EXISTS FOR (n:Change) ON (n.at);

// What does not count, the latest first; and what comes close to not counting.
CREATE INDEX identifier_quarantined_at IF NOT EXISTS FOR (n:Identifier) ON (n.quarantined_at);
CREATE INDEX identifier_crowding IF NOT EXISTS FOR (n:Identifier) ON (n.crowding);
CREATE INDEX event_ignored_at IF NOT EXISTS FOR (n:Event) ON (n.ignored_at);
CREATE INDEX event_retracted_at IF NOT EXISTS FOR (n:Event) ON (n.retracted_at);
CREATE INDEX link_refused_at IF NOT EXISTS FOR ()-[r:OBSERVED_WITH]-() ON (r.refused_at);

// What earlier versions wrote of the same things: an ended customer had another label, and some moments were not kept.
MATCH (c:Merged)
CALL (c) {
  SET c:Former
  REMOVE c:Merged
} IN TRANSACTIONS OF 10000 ROWS;

MATCH (change:Change)
WHERE change.position IS NULL
WITH change ORDER BY change.at, change.id
WITH collect(change) AS unnumbered
WHERE size(unnumbered) > 0
MERGE (s:Sequence {name: 'changes'})
ON CREATE SET s.last = 0
WITH unnumbered, s, s.last AS before
SET s.last = before + size(unnumbered)
FOREACH (number IN range(0, size(unnumbered) - 1) |
  FOREACH (change IN [unnumbered[number]] | SET change.position = before + number + 1));

MATCH (e:Event)
WHERE e.ignored IS NOT NULL AND e.ignored_at IS NULL
CALL (e) {
  SET e.ignored_at = e.received_at
} IN TRANSACTIONS OF 10000 ROWS;

MATCH (i:Identifier)
WHERE i.quarantined AND i.quarantined_at IS NULL
CALL (i) {
  SET i.quarantined_at = i.last_seen
} IN TRANSACTIONS OF 10000 ROWS;

MATCH ()-[link:OBSERVED_WITH]->()
WHERE link.witness IS NOT NULL AND link.refused_at IS NULL
CALL (link) {
  SET link.refused_at = link.last_seen
} IN TRANSACTIONS OF 10000 ROWS;
