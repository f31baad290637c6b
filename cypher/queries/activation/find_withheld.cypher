// Which of some deliveries were withheld.
UNWIND $ids AS id
MATCH (d:Delivery {id: id})
USING INDEX SEEK d:Delivery(id)
WHERE d.withheld IS NOT NULL AND d.due_at IS NULL
RETURN d.id AS id
