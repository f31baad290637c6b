// All judgements in force: what was judged, and what that is under the rules in force.
MATCH (j:Judgement)
WHERE j.id > '' AND j.withdrawn_at IS NULL
RETURN j.verdict AS verdict, j.a AS a, j.b AS b, j.key_a AS key_a, j.key_b AS key_b,
  instant(j.until) AS until
