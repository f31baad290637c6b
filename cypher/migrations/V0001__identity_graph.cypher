// The keys of all nodes, and what lists are ordered by.
CREATE CONSTRAINT identifier_key IF NOT EXISTS FOR (n:Identifier) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT customer_id IF NOT EXISTS FOR (n:Customer) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT event_id IF NOT EXISTS FOR (n:Event) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT session_id IF NOT EXISTS FOR (n:Session) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT trait_key IF NOT EXISTS FOR (n:Trait) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT change_id IF NOT EXISTS FOR (n:Change) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT rule_set_version IF NOT EXISTS FOR (n:RuleSet) REQUIRE n.version IS UNIQUE;
CREATE CONSTRAINT dead_letter_id IF NOT EXISTS FOR (n:DeadLetter) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT access_key_id IF NOT EXISTS FOR (n:AccessKey) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT ingest_counter_writer IF NOT EXISTS FOR (n:IngestCounter) REQUIRE n.writer IS UNIQUE;

// A lookup without a namespace; lists of customers and of dead letters; the sessions of a visitor.
CREATE INDEX identifier_value IF NOT EXISTS FOR (n:Identifier) ON (n.value);
CREATE INDEX customer_last_seen IF NOT EXISTS FOR (n:Customer) ON (n.last_seen);
CREATE INDEX customer_first_seen IF NOT EXISTS FOR (n:Customer) ON (n.first_seen);
CREATE INDEX customer_created_at IF NOT EXISTS FOR (n:Customer) ON (n.created_at);
CREATE INDEX customer_size IF NOT EXISTS FOR (n:Customer) ON (n.size);
CREATE INDEX session_visitor IF NOT EXISTS FOR (n:Session) ON (n.visitor, n.started_at);
CREATE INDEX dead_letter_received_at IF NOT EXISTS FOR (n:DeadLetter) ON (n.received_at);
CREATE INDEX change_at IF NOT EXISTS FOR (n:Change) ON (n.at);
