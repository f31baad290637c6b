// What came from each source, day by day: one node for each name and process.
CREATE CONSTRAINT message_count_key IF NOT EXISTS FOR (n:MessageCount) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT claim_count_key IF NOT EXISTS FOR (n:ClaimCount) REQUIRE n.key IS UNIQUE;

// The last weeks of it.
CREATE INDEX message_count_day IF NOT EXISTS FOR (n:MessageCount) ON (n.day);
CREATE INDEX claim_count_day IF NOT EXISTS FOR (n:ClaimCount) ON (n.day);

// The imports of the last time.
CREATE INDEX import_updated_at IF NOT EXISTS FOR (n:Import) ON (n.updated_at);
