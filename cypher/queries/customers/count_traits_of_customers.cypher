// How many traits the identifiers of some customers have.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, sum(COUNT { (i)-[:HAS_TRAIT]->() }) AS traits
