// Customers that are not merged away, in the order of their ids, each with the keys of its identifiers.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(id)
WHERE c.id > $after AND NOT c:Former
WITH c ORDER BY c.id LIMIT $limit
RETURN c.id AS id, COLLECT { MATCH (c)<-[:BELONGS_TO]-(i:Identifier) RETURN i.key } AS keys
ORDER BY id
