// Events in the order of their ids, as they came and as they are read now; those that were taken back are left out.
MATCH (e:Event)
USING INDEX SEEK e:Event(id)
WHERE e.id > $after AND e.retracted_at IS NULL
WITH e ORDER BY e.id LIMIT $limit
RETURN e.id AS id, e.type AS type, e.source AS source, e.message_id AS message_id,
  instant(e.occurred_at) AS occurred_at,
  e.identifiers AS identifiers, coalesce(e.ignored, []) AS ignored, e.traits IS NOT NULL AS has_traits,
  e.consents IS NOT NULL AS has_consents,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys,
  head(COLLECT { MATCH (e)-[:IN]->(s:Session) RETURN s.visitor }) AS visitor,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order
ORDER BY id
