// What identifiers decided of consents, by id.
CREATE CONSTRAINT consent_id IF NOT EXISTS FOR (n:Consent) REQUIRE n.id IS UNIQUE;

// Deliveries that were withheld, by destination and reason.
CREATE INDEX delivery_withheld IF NOT EXISTS FOR (n:Delivery) ON (n.destination_id, n.withheld);
