// Of which namespaces the two ends of the links inside some customers are, each pair once.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(a:Identifier)
USING INDEX SEEK customer:Customer(id)
MATCH (a)-[:OBSERVED_WITH]->(b:Identifier)
WHERE EXISTS { (b)-[:BELONGS_TO]->(customer) }
RETURN DISTINCT customer_id, a.namespace AS a, b.namespace AS b
