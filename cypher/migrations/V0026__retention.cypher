// Orders that an erasure keeps without the person, and events by the time at which they happened, for retention.
CREATE CONSTRAINT preserved_order_id IF NOT EXISTS FOR (n:PreservedOrder) REQUIRE n.id IS UNIQUE;
