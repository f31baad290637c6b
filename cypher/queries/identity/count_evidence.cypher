// What the events say of these pairs of identifiers, but for those that are read anew: the events that observed both and
// link them. The end with fewer events is expanded, since the other may have many thousands.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (a:Identifier {key: row.a})
USING INDEX SEEK a:Identifier(key)
MATCH (b:Identifier {key: row.b})
USING INDEX SEEK b:Identifier(key)
WITH row, a, b, COUNT { (a)<-[:OBSERVED]-() } <= COUNT { (b)<-[:OBSERVED]-() } AS a_is_smaller
WITH row, CASE WHEN a_is_smaller THEN a ELSE b END AS small, CASE WHEN a_is_smaller THEN b ELSE a END AS large
CALL (row, small, large) {
  MATCH (small)<-[:OBSERVED]-(e:Event)
  WHERE e.reread IS NULL AND EXISTS { (e)-[:OBSERVED]->(large) }
    AND (row.until_s IS NULL OR e.occurred_at > datetime.fromEpoch(row.until_s, row.until_ns))
    AND (e.ignored IS NULL OR NONE(item IN e.ignored WHERE item IN ['ambiguous_observation ' + row.a, 'ambiguous_observation ' + row.b]))
  RETURN min(e.occurred_at) AS first, max(e.occurred_at) AS last, count(e) AS total, collect(DISTINCT e.source) AS sources
}
WITH * WHERE total > 0
RETURN row.a AS a, row.b AS b, instant(first) AS first_seen,
  instant(last) AS last_seen, total AS observation_count, sources
