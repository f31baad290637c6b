// Lock orders in the order given.
UNWIND $ids AS id
MATCH (o:Order {id: id})
USING INDEX SEEK o:Order(id)
REMOVE o.locked
