// The events of the sessions that belong to these identifiers: those of whoever is behind them.
UNWIND $keys AS key
MATCH (e:Event)
USING INDEX SEEK e:Event(owner, occurred_at, received_at)
WHERE e.owner = key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
RETURN e.id AS id, e.traits IS NOT NULL AS has_traits, e.consents IS NOT NULL AS has_consents, e.identifiers AS identifiers,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys,
  head(COLLECT { MATCH (e)-[:IN]->(s:Session) RETURN s.visitor }) AS visitor,
  head(COLLECT { MATCH (e)-[:REPORTS]->(o:Order) RETURN o.id }) AS order
