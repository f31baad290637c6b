// How many deliveries of destinations were withheld, by reason.
UNWIND $ids AS id
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(destination_id, withheld)
WHERE d.destination_id = id AND d.withheld >= ''
RETURN id, d.withheld AS reason, count(d) AS total
ORDER BY id, reason
