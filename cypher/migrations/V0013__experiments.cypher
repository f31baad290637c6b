// Experiments, by id and by name, and in the order in which they were made.
CREATE CONSTRAINT experiment_id IF NOT EXISTS FOR (n:Experiment) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT experiment_name IF NOT EXISTS FOR (n:Experiment) REQUIRE n.name IS UNIQUE;
CREATE INDEX experiment_created_at IF NOT EXISTS FOR (n:Experiment) ON (n.created_at);

// Who saw which variant, in the order of time.
CREATE INDEX event_exposed_at IF NOT EXISTS FOR (n:Event) ON (n.exposed_at);

MATCH (e:Event)
WHERE e.name = 'Experiment Viewed' AND e.exposed_at IS NULL AND e.retracted_at IS NULL
CALL (e) {
  SET e.exposed_at = e.occurred_at
} IN TRANSACTIONS OF 10000 ROWS;
