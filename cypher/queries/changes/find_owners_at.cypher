// Whose some identifiers were at a moment, as was known then; those that are none any more included.
UNWIND $keys AS key
CALL (key) {
  MATCH (i:Identifier {key: key})
  USING INDEX SEEK i:Identifier(key)
  RETURN i
  UNION ALL
  MATCH (i:FormerIdentifier {key: key})
  USING INDEX SEEK i:FormerIdentifier(key)
  RETURN i
}
MATCH (i)-[b:BELONGS_TO|BELONGED_TO]->(c:Customer)
WHERE b.since <= datetime($at) AND (b.until IS NULL OR b.until > datetime($at))
RETURN key, c.id AS customer_id, instant(c.created_at) AS created_at
