// Drop the dead letters that were accepted after all.
UNWIND $ids AS accepted_id
MATCH (d:DeadLetter {id: accepted_id})
USING INDEX SEEK d:DeadLetter(id)
DELETE d
