// The identifiers of some customers, and when each was first seen.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, i.key AS key, instant(i.first_seen) AS first_seen
