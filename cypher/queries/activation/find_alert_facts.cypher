// What rules of alerts ask of events: properties, orders, the customer, when the customer was last seen before, and the
// segments that the customer is in: those of whose edition in force there is a membership.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
WHERE e.retracted_at IS NULL
OPTIONAL MATCH (e)-[:IN]->(own:Session)-[:OF]->(:Identifier)-[:BELONGS_TO]->(c:Customer)
WITH e, own, c
WHERE c IS NULL OR NOT (c:Restricted OR c:Deceased)
CALL (e, own, c) {
  WITH e, own, c
  WHERE $asks_seen
  MATCH (c)<-[:BELONGS_TO]-(:Identifier)<-[:OF]-(s:Session)
  WHERE s.started_at < e.occurred_at
  RETURN max(CASE WHEN s = own THEN e.occurred_at ELSE s.ended_at END) AS seen
}
RETURN e.id AS id, e.name AS name, e.properties AS properties, instant(e.occurred_at) AS occurred_at, c.id AS customer_id,
  COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.total } AS totals, instant(seen) AS seen_before,
  COLLECT {
    MATCH (m:SegmentMembership)
    USING INDEX SEEK m:SegmentMembership(customer_id)
    WHERE $asks_segments AND m.customer_id = c.id AND m.since IS NOT NULL
    MATCH (g:Segment {id: m.segment_id})
    USING INDEX SEEK g:Segment(id)
    WHERE g.deleted_at IS NULL AND m.edition = g.id + '/' + g.edition
    RETURN g.id
  } AS segments
ORDER BY occurred_at, id
