// All that is stored of identifiers and derived from events, to compare what a repair makes of it.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key,
  i {.first_seen, .last_seen, .partners, .crowding, .quarantined, .ambiguous, .judged, .overruled} AS identifier,
  COLLECT { MATCH (i)-[:BELONGS_TO]->(c:Customer) WHERE NOT c:Former RETURN c.id } AS customers,
  COLLECT {
    MATCH (i)-[:BELONGS_TO]->(c:Customer)
    RETURN c {.first_seen, .last_seen, .size, .counts, .contested, .judged, .rule_version}
  } AS totals,
  COLLECT {
    MATCH (i)-[l:OBSERVED_WITH]-(j:Identifier)
    RETURN l {.first_seen, .last_seen, .count, .sources, a: startNode(l).key, b: endNode(l).key, refused: l.witness IS NOT NULL,
      since: l.refused_at IS NOT NULL}
  } AS links,
  COLLECT {
    MATCH (i)<-[:OBSERVED]-(e:Event)
    RETURN [e.id, e.owner, COLLECT { MATCH (e)-[:OBSERVED]->(j:Identifier) RETURN j.key }, COLLECT { MATCH (e)-[:IN]->(s:Session) RETURN s.id }]
  } AS events,
  COLLECT {
    MATCH (i)<-[:OF]-(s:Session)
    RETURN s {.id, .visitor, .channel, .touchpoint_count, .started_at, .ended_at, .first_source, .first_message_id, .last_source,
      .last_message_id, .unique_values}
  } AS sessions,
  COLLECT {
    MATCH (i)-[:HAS_TRAIT]->(t:Trait)
    RETURN t {.key, .name, .value, .observed_at, .source, .message_id, .deleted, .policy, .state}
  } AS traits,
  COLLECT { MATCH (i)<-[:OF]-(o:Order) RETURN properties(o) } AS orders,
  COLLECT { MATCH (i)-[:GAVE]->(c:Consent) RETURN properties(c) } AS consents
