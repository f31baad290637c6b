// Lock customers that were evaluated, and give those of whom nothing changed meanwhile; they wait no longer if they are cleared.
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
USING INDEX SEEK c:Customer(id)
REMOVE c.locked
WITH c, row
WHERE coalesce(c.waiting_mark, 0) = row.mark
FOREACH (_ IN CASE WHEN row.clear THEN [1] ELSE [] END |
  REMOVE c.waiting_since, c.waiting_mark, c.waiting_for, c.waiting_cause, c.waiting_at
)
RETURN c.id AS customer_id
