// Write down what a person said about one or two identifiers.
CREATE (j:Judgement {
  id: $id, verdict: $verdict, a: $a, b: $b, key_a: $a, key_b: $b,
  until: CASE WHEN $until_s IS NULL THEN null ELSE datetime.fromEpoch($until_s, $until_ns) END,
  reason: $reason, actor: $actor, at: datetime.fromEpoch($at_s, $at_ns)
})
