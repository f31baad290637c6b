// Note on dead letters that another attempt failed, and why.
UNWIND $rows AS row
MATCH (d:DeadLetter {id: row.id})
USING INDEX SEEK d:DeadLetter(id)
SET d.attempts = d.attempts + 1, d.last_error = row.last_error
