// How many traits an erasure deletes with these identifiers, and in how many segments the customer is.
MATCH (c:Customer {id: $customer_id})
USING INDEX SEEK c:Customer(id)
RETURN COUNT { MATCH (c)<-[:BELONGS_TO]-(:Identifier)-[:HAS_TRAIT]->(t:Trait) } AS traits,
  COUNT {
    MATCH (m:SegmentMembership)
    USING INDEX SEEK m:SegmentMembership(customer_id)
    WHERE m.customer_id = $customer_id AND m.since IS NOT NULL
    MATCH (s:Segment {id: m.segment_id})
    USING INDEX SEEK s:Segment(id)
    WHERE m.edition = s.id + '/' + toString(s.edition)
  } AS segments
