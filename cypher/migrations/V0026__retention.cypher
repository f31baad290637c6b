// Orders that an erasure keeps without the person, and events by the time at which they happened, for retention.
CREATE CONSTRAINT preserved_order_id IF NOT EXISTS FOR (n:PreservedOrder) REQUIRE n.id IS UNIQUE;
CREATE INDEX event_occurred_at IF NOT EXISTS FOR (n:Event) ON (n.occurred_at, n.id);
CREATE INDEX event_overdue IF NOT EXISTS FOR (n:Event) ON (n.overdue);
CREATE CONSTRAINT retention_name IF NOT EXISTS FOR (n:Retention) REQUIRE n.name IS UNIQUE;
