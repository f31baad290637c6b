// Who is told, and what each of them was told of whom.
CREATE CONSTRAINT destination_id IF NOT EXISTS FOR (n:Destination) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT told_entry_key IF NOT EXISTS FOR (n:ToldEntry) REQUIRE n.key IS UNIQUE;

// What is to be delivered. Only what is not settled has due_at and lane.
CREATE CONSTRAINT delivery_id IF NOT EXISTS FOR (n:Delivery) REQUIRE n.id IS UNIQUE;
CREATE INDEX delivery_due IF NOT EXISTS FOR (n:Delivery) ON (n.destination_id, n.due_at);
CREATE INDEX delivery_lane IF NOT EXISTS FOR (n:Delivery) ON (n.lane, n.position);

// What was delivered or given up, and all of a destination by age.
CREATE INDEX delivery_failed IF NOT EXISTS FOR (n:Delivery) ON (n.destination_id, n.failed_at);
CREATE INDEX delivery_made IF NOT EXISTS FOR (n:Delivery) ON (n.destination_id, n.created_at);
