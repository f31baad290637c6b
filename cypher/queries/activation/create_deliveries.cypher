// Put messages into the outbox, in the order given; one that is there already stays as it is.
// The sequence is locked, so that positions are in the order of the commits.
UNWIND CASE WHEN size($rows) > 0 THEN [size($rows)] ELSE [] END AS total
MERGE (s:Sequence {name: 'deliveries'})
SET s.last = coalesce(s.last, 0) + total
WITH s.last - total AS start, total
UNWIND range(1, total) AS place
WITH start + place AS position, $rows[place - 1] AS row
OPTIONAL MATCH (known:Delivery {id: row.id})
USING INDEX SEEK known:Delivery(id)
WITH position, row, known
WHERE known IS NULL
CREATE (:Delivery {
  id: row.id, destination_id: row.destination_id, kind: row.kind, customer_id: row.customer_id, payload: row.payload,
  position: position, lane: row.destination_id + '/' + coalesce(row.customer_id, row.id), attempts: 0,
  created_at: datetime.fromEpoch(row.at_s, row.at_ns), due_at: datetime.fromEpoch(row.due_s, row.due_ns)
})
RETURN count(*) AS created
