// Write down a new segment. Nobody is in it until customers are evaluated.
CREATE (:Segment {
  id: $id, name: $name, description: $description, rule: $rule, audience: $audience, purpose: $purpose, version: 1,
  created_at: datetime.fromEpoch($at_s, $at_ns), updated_at: datetime.fromEpoch($at_s, $at_ns),
  live_rule: $rule, live_audience: $audience, edition: 1, last_edition: 1, state: 'FILLING', cursor: '', passed: 0, size: 0
})
