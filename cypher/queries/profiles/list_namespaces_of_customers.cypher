// The namespaces of which some customers have an identifier.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK customer:Customer(id)
RETURN DISTINCT customer_id, i.namespace AS namespace
