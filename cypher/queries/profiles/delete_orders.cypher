// Delete orders of which no message is left.
UNWIND $ids AS id
MATCH (o:Order {id: id})
USING INDEX SEEK o:Order(id)
DETACH DELETE o
