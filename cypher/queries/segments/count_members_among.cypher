// How many of some customers are members of each of some editions.
UNWIND $customer_ids AS customer_id
MATCH (m:SegmentMembership {customer_id: customer_id})
USING INDEX SEEK m:SegmentMembership(customer_id)
WHERE m.since IS NOT NULL AND m.edition IN $editions
RETURN m.edition AS edition, count(*) AS members
