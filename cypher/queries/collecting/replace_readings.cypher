// Read events otherwise: other identifiers were seen in them, or others of their values link nothing.
UNWIND $rows AS row
MATCH (e:Event {id: row.id})
USING INDEX SEEK e:Event(id)
SET e.ignored = row.ignored, e.ignored_at = CASE WHEN row.ignored IS NOT NULL THEN e.received_at END
REMOVE e.reread
WITH e, row
CALL (e) {
  MATCH (e)-[old:OBSERVED]->(:Identifier)
  DELETE old
}
CALL (e, row) {
  UNWIND row.keys AS key
  MATCH (i:Identifier {key: key})
  USING INDEX SEEK i:Identifier(key)
  CREATE (e)-[:OBSERVED]->(i)
}
