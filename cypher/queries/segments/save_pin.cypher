// Write down what a person decided about the customer of an identifier; what was decided of it before is replaced.
// plan: CartesianProduct because one identifier is sought, and one pin.
MATCH (i:Identifier {key: $identifier})
USING INDEX SEEK i:Identifier(key)
MERGE (p:Pin {key: $key})
SET p.segment_id = $segment_id, p.member = $member, p.reason = $reason, p.actor = $actor,
  p.at = datetime.fromEpoch($at_s, $at_ns)
MERGE (p)-[:PINS]->(i)
