// The newest event in which an identifier was seen beside a value that is none, among the last that were received.
UNWIND $keys AS key
CALL (key) {
  MATCH (identifier:Identifier {key: key})<-[:OBSERVED]-(e:Event)
  USING INDEX SEEK identifier:Identifier(key)
  WHERE e.ignored_at IS NOT NULL
  WITH e LIMIT $limit
  WHERE any(item IN e.ignored WHERE toLower(item) = toLower($item))
  RETURN e ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1
}
RETURN e.id AS id, instant(e.occurred_at) AS occurred_at
