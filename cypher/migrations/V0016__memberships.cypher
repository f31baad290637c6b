// How each customer stands to each segment: members of a segment by when they entered, those that are due, and those of a customer.
CREATE CONSTRAINT membership_key IF NOT EXISTS FOR (n:SegmentMembership) REQUIRE n.key IS UNIQUE;
CREATE INDEX membership_since IF NOT EXISTS FOR (n:SegmentMembership) ON (n.edition, n.since, n.customer_id);
CREATE INDEX membership_edition IF NOT EXISTS FOR (n:SegmentMembership) ON (n.edition, n.customer_id);
CREATE INDEX membership_due_at IF NOT EXISTS FOR (n:SegmentMembership) ON (n.due_at);
CREATE INDEX membership_customer IF NOT EXISTS FOR (n:SegmentMembership) ON (n.customer_id);

// Who entered and left, in the order in which that was written, of all, of a segment, and of a customer.
CREATE CONSTRAINT transition_key IF NOT EXISTS FOR (n:Transition) REQUIRE n.key IS UNIQUE;
CREATE INDEX transition_position IF NOT EXISTS FOR (n:Transition) ON (n.position);
CREATE INDEX transition_segment IF NOT EXISTS FOR (n:Transition) ON (n.segment_id, n.position);
CREATE INDEX transition_customer IF NOT EXISTS FOR (n:Transition) ON (n.customer_id, n.position);

// How the sizes of segments went, hour by hour.
CREATE CONSTRAINT segment_size_key IF NOT EXISTS FOR (n:SegmentSize) REQUIRE n.key IS UNIQUE;
CREATE INDEX segment_size_at IF NOT EXISTS FOR (n:SegmentSize) ON (n.segment_id, n.at);

// What people decided about members, whatever the rule says.
CREATE CONSTRAINT pin_key IF NOT EXISTS FOR (n:Pin) REQUIRE n.key IS UNIQUE;
CREATE INDEX pin_segment IF NOT EXISTS FOR (n:Pin) ON (n.segment_id, n.key);

// Customers of whom something changed that a segment reads, the longest waiting first.
CREATE INDEX customer_waiting_since IF NOT EXISTS FOR (n:Customer) ON (n.waiting_since);

// Whose turn it is to evaluate.
CREATE CONSTRAINT segment_evaluation_name IF NOT EXISTS FOR (n:SegmentEvaluation) REQUIRE n.name IS UNIQUE;
