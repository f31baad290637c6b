// The keys of all nodes.
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
CREATE CONSTRAINT import_key IF NOT EXISTS FOR (n:Import) REQUIRE n.key IS UNIQUE;

// A value whose namespace is not known, as it is typed in Neo4j Browser.
CREATE INDEX identifier_value IF NOT EXISTS FOR (n:Identifier) ON (n.value);

// What lists of customers and of dead letters are ordered by. Most customers have one of a few sizes: with the id beside
// it, a page in the middle of a size is read without sorting.
CREATE INDEX customer_last_seen IF NOT EXISTS FOR (n:Customer) ON (n.last_seen);
CREATE INDEX customer_first_seen IF NOT EXISTS FOR (n:Customer) ON (n.first_seen);
CREATE INDEX customer_created_at IF NOT EXISTS FOR (n:Customer) ON (n.created_at);
CREATE INDEX customer_size IF NOT EXISTS FOR (n:Customer) ON (n.size, n.id);
CREATE INDEX dead_letter_received_at IF NOT EXISTS FOR (n:DeadLetter) ON (n.received_at);

// The sessions of a visitor around a moment.
CREATE INDEX session_visitor IF NOT EXISTS FOR (n:Session) ON (n.visitor, n.started_at);

// `REMOVE x.locked` takes the write lock of x and changes nothing, but only once the database knows the property's name.
CREATE INDEX lock_name IF NOT EXISTS FOR (n:Lock) ON (n.locked);
