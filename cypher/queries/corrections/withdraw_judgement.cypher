// Take back what a person said; that it was said stays on record.
MATCH (j:Judgement {id: $id})
USING INDEX SEEK j:Judgement(id)
SET j.withdrawn_at = datetime.fromEpoch($at_s, $at_ns), j.withdrawn_by = $actor
