// An event by its id, locked, with the identifiers seen in it, the visitor of its session, and the order that it tells of.
MATCH (e:Event {id: $id})
USING INDEX SEEK e:Event(id)
REMOVE e.locked
RETURN e.id AS id, e.source AS source, e.message_id AS message_id,
  instant(e.occurred_at) AS occurred_at,
  e.retracted_at IS NOT NULL AS is_retracted, e.traits AS traits,
  e.consents IS NOT NULL AS has_consents, e.type AS type, e.identifiers AS identifiers,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys,
  head(COLLECT { MATCH (e)-[:IN]->(s:Session) RETURN s.visitor }) AS visitor,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order
