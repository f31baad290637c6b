// Of which namespaces the ends of the links are that hold customers together.
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {id: customer_id})<-[:BELONGS_TO]-(a:Identifier)
USING INDEX SEEK c:Customer(id)
MATCH (a)-[:OBSERVED_WITH]->(b:Identifier)
WHERE EXISTS { (b)-[:BELONGS_TO]->(c) }
RETURN DISTINCT customer_id, a.namespace AS a, b.namespace AS b
