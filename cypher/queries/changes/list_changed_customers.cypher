// The customers that changes are about, and whom each id leads to now.
UNWIND $ids AS id
MATCH (change:Change {id: id})-[:AFFECTED]->(c:Customer)
USING INDEX SEEK change:Change(id)
RETURN id, c.id AS customer_id
