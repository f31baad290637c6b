// The customers that changes are about, and whom each id leads to now.
UNWIND $ids AS id
MATCH (:Change {id: id})-[:AFFECTED]->(c:Customer)
RETURN id, c.id AS customer_id
