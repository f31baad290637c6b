// Customers by the ids that they have or once had: a merged id leads to its survivor.
UNWIND $ids AS asked_id
MATCH (customer:Customer {id: asked_id})-[:MERGED_INTO*0..]->(c:Customer)
USING INDEX SEEK customer:Customer(id)
WHERE NOT c:Former
RETURN asked_id,
       c.id AS id,
       c.created_at.epochSeconds * 1000000 + c.created_at.microsecond AS created_at,
       c.first_seen.epochSeconds * 1000000 + c.first_seen.microsecond AS first_seen,
       c.last_seen.epochSeconds * 1000000 + c.last_seen.microsecond AS last_seen
