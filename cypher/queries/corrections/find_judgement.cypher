// One judgement by its id, withdrawn or not.
MATCH (j:Judgement {id: $id})
USING INDEX SEEK j:Judgement(id)
RETURN j.id AS id, j.verdict AS verdict, j.key_a AS a, j.key_b AS b,
  instant(j.until) AS until, j.reason AS reason, j.actor AS actor,
  instant(j.at) AS at,
  instant(j.withdrawn_at) AS withdrawn_at
