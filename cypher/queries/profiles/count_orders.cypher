// How many orders some customers have.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, COUNT { (customer)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(:Order) } AS orders
