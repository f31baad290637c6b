// One judgement by its id, withdrawn or not.
MATCH (j:Judgement {id: $id})
USING INDEX SEEK j:Judgement(id)
RETURN j.id AS id, j.verdict AS verdict, j.key_a AS a, j.key_b AS b,
  j.until.epochSeconds * 1000000 + j.until.microsecond AS until, j.reason AS reason, j.actor AS actor,
  j.at.epochSeconds * 1000000 + j.at.microsecond AS at,
  j.withdrawn_at.epochSeconds * 1000000 + j.withdrawn_at.microsecond AS withdrawn_at
