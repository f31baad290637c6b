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
