// A page of all customers by id, with what resolution keeps of their identifiers. One that is being written this moment
// may be seen before its properties are.
CALL () {
  MATCH (c:Customer)
  USING INDEX SEEK c:Customer(id)
  WHERE c.id > $after AND NOT c:Former
  RETURN c ORDER BY c.id LIMIT $limit
}
RETURN c.id AS id, c.size AS size, coalesce(c.contested, false) AS contested, coalesce(c.judged, false) AS judged,
  coalesce(c.rule_version, 1) AS rule_version, coalesce(c.awaited, false) AS awaited,
  COLLECT {
    MATCH (c)<-[:BELONGS_TO]-(i:Identifier)
    WHERE i.partners IS NOT NULL
    RETURN [i.key, i.partners, coalesce(i.quarantined, false), coalesce(i.ambiguous, false), coalesce(i.overruled, false)]
  } AS members
