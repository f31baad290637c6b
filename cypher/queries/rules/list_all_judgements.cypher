// What all judgements name, as it was said.
MATCH (j:Judgement)
WHERE j.id > ''
RETURN j.id AS id, j.a AS a, j.b AS b
