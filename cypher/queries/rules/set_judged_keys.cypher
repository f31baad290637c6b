// Write what judgements name under other rules.
UNWIND $rows AS row
MATCH (j:Judgement {id: row.id})
USING INDEX SEEK j:Judgement(id)
SET j.key_a = row.key_a, j.key_b = row.key_b
