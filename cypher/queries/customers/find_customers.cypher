// Customers by the ids that they have or once had: a merged id leads to its survivor.
UNWIND $ids AS asked_id
MATCH (customer:Customer {id: asked_id})-[:MERGED_INTO*0..]->(c:Customer)
USING INDEX SEEK customer:Customer(id)
WHERE NOT c:Former
RETURN asked_id,
       c.id AS id,
       instant(c.created_at) AS created_at,
       instant(c.first_seen) AS first_seen,
       instant(c.last_seen) AS last_seen,
       instant(c.restricted_at) AS restricted_at,
       c.restricted_by AS restricted_by
