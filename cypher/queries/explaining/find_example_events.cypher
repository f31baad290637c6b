// For each pair of identifiers the newest event that observed both and links them: neither is ambiguous in it, and a
// person did not take it back. The end with fewer events is expanded, since the other may have many thousands.
// plan: CartesianProduct because each row seeks two nodes by their keys: one times one.
UNWIND $pairs AS pair
MATCH (a:Identifier {key: pair[0]})
USING INDEX SEEK a:Identifier(key)
MATCH (b:Identifier {key: pair[1]})
USING INDEX SEEK b:Identifier(key)
WITH a, b, COUNT { (a)<-[:OBSERVED]-() } <= COUNT { (b)<-[:OBSERVED]-() } AS a_is_smaller
CALL (a, b) {
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_a)
  WHERE j.key_a = a.key
  WITH j WHERE (j.key_b = b.key AND j.verdict = 'unlinked' OR j.verdict = 'unbound') AND j.withdrawn_at IS NULL
  RETURN j.until AS until
  UNION
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_a)
  WHERE j.key_a = b.key
  WITH j WHERE (j.key_b = a.key AND j.verdict = 'unlinked' OR j.verdict = 'unbound') AND j.withdrawn_at IS NULL
  RETURN j.until AS until
  UNION
  RETURN null AS until
}
WITH a, b, a_is_smaller, max(until) AS until
WITH a, b, until, CASE WHEN a_is_smaller THEN a ELSE b END AS small, CASE WHEN a_is_smaller THEN b ELSE a END AS large
CALL (a, b, until, small, large) {
  MATCH (small)<-[:OBSERVED]-(e:Event)
  WHERE EXISTS { (e)-[:OBSERVED]->(large) }
    AND (until IS NULL OR e.occurred_at > until)
    AND (e.ignored IS NULL OR NONE(item IN e.ignored WHERE item IN ['ambiguous_observation ' + a.key, 'ambiguous_observation ' + b.key]))
  RETURN e.id AS event_id ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1
}
RETURN a.key AS a, b.key AS b, event_id
