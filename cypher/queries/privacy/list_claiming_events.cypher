// The events whose source only claimed one of some identifiers, and that belong to none of the customer's sessions.
// plan: NodeByLabelScan because nobody asks for claims but an erasure, and keeping an index would cost each event something.
MATCH (e:Event)
WHERE e.ignored IS NOT NULL AND e.retracted_at IS NULL AND any(item IN e.ignored WHERE item IN $items)
  AND NOT coalesce(e.owner, '') IN $keys
RETURN e.id AS id, e.traits IS NOT NULL AS has_traits, e.consents IS NOT NULL AS has_consents, e.identifiers AS identifiers,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys,
  head(COLLECT { MATCH (e)-[:IN]->(s:Session) RETURN s.visitor }) AS visitor,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order
