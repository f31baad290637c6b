// The links that hold some customers together: both ends belong to the customer.
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {id: customer_id})<-[:BELONGS_TO]-(a:Identifier)
USING INDEX SEEK c:Customer(id)
MATCH (a)-[l:OBSERVED_WITH]->(b:Identifier)
WHERE EXISTS { (b)-[:BELONGS_TO]->(c) }
RETURN customer_id,
       a.key AS a,
       b.key AS b,
       instant(l.first_seen) AS first_seen,
       instant(l.last_seen) AS last_seen,
       l.count AS observation_count,
       l.sources AS sources
ORDER BY a, b
