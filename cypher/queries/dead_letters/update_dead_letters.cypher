// Note on dead letters that another attempt failed, and why.
UNWIND $rows AS row
MATCH (d:DeadLetter {id: row.id})
SET d.attempts = d.attempts + 1, d.last_error = row.last_error
