// Those of some customers, by ids that they have or once had, of whom nobody may be told, and why.
UNWIND $ids AS asked_id
MATCH (customer:Customer {id: asked_id})-[:MERGED_INTO*0..]->(c:Customer)
USING INDEX SEEK customer:Customer(id)
WHERE c:Restricted OR c:Deceased
RETURN asked_id, CASE WHEN c:Restricted THEN 'RESTRICTED' ELSE 'DECEASED' END AS bar
