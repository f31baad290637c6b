// Since when some customers are known; those that were merged into others are left out.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})
USING INDEX SEEK customer:Customer(id)
WHERE NOT customer:Former
RETURN customer_id, instant(customer.first_seen) AS first_seen
