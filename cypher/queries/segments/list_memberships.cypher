// How customers stand to segments, in all editions.
UNWIND $customer_ids AS customer_id
MATCH (m:SegmentMembership {customer_id: customer_id})
USING INDEX SEEK m:SegmentMembership(customer_id)
RETURN m.key AS key, m.edition AS edition, customer_id, instant(m.since) AS since, m.number AS number,
  instant(m.due_at) AS due_at
