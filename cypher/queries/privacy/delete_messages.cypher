// Delete what was sent, or is to be sent, about these customers.
UNWIND $ids AS id
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(customer_id)
WHERE d.customer_id = id
DELETE d
RETURN count(*) AS deleted
