// How many traits an erasure deletes with these identifiers, and in how many segments the customer is.
MATCH (c:Customer {id: $customer_id})
USING INDEX SEEK c:Customer(id)
RETURN COUNT { MATCH (c)<-[:BELONGS_TO]-(:Identifier)-[:HAS_TRAIT]->(t:Trait) } AS traits,
  COUNT {
    MATCH (m:SegmentMembership)
    WHERE m.customer_id = c.id AND m.since IS NOT NULL
      AND EXISTS { MATCH (s:Segment {id: m.segment_id}) USING INDEX SEEK s:Segment(id) WHERE m.edition = s.id + '/' + toString(s.edition) }
  } AS segments
