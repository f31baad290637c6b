// What somebody wants to hear of at once, which events may be such, and what they were told.
CREATE CONSTRAINT alert_rule_id IF NOT EXISTS FOR (n:AlertRule) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT alert_candidate_id IF NOT EXISTS FOR (n:AlertCandidate) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT alert_id IF NOT EXISTS FOR (n:Alert) REQUIRE n.id IS UNIQUE;
CREATE INDEX alert_position IF NOT EXISTS FOR (n:Alert) ON (n.position);
CREATE INDEX alert_about IF NOT EXISTS FOR (n:Alert) ON (n.about, n.occurred_at);
CREATE INDEX alert_held IF NOT EXISTS FOR (n:Alert) ON (n.held_until);

// Up to where each series of exports of a segment has come.
CREATE CONSTRAINT segment_export_key IF NOT EXISTS FOR (n:SegmentExport) REQUIRE n.key IS UNIQUE;
