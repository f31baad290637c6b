// Requests of people about their data.
CREATE CONSTRAINT privacy_request_id IF NOT EXISTS FOR (n:PrivacyRequest) REQUIRE n.id IS UNIQUE;
CREATE INDEX privacy_request_opened_at IF NOT EXISTS FOR (n:PrivacyRequest) ON (n.opened_at, n.id);
CREATE INDEX privacy_request_state IF NOT EXISTS FOR (n:PrivacyRequest) ON (n.state, n.opened_at);
CREATE INDEX privacy_request_subject IF NOT EXISTS FOR (n:PrivacyRequest) ON (n.subject);
