// Tombstones of what was erased, and receipts.
CREATE CONSTRAINT tombstone_hash IF NOT EXISTS FOR (n:Tombstone) REQUIRE n.hash IS UNIQUE;
CREATE CONSTRAINT erasure_receipt_id IF NOT EXISTS FOR (n:ErasureReceipt) REQUIRE n.id IS UNIQUE;

// What is kept of a customer, for erasure.
CREATE INDEX delivery_customer IF NOT EXISTS FOR (n:Delivery) ON (n.customer_id);
CREATE INDEX alert_customer IF NOT EXISTS FOR (n:Alert) ON (n.customer_id);
