// Identifiers in the order of their keys: to how many customers each belongs, and whether any event observes it.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(key)
WHERE i.key > $after
RETURN i.key AS key,
  COUNT { (i)-[:BELONGS_TO]->() } AS relations,
  COUNT { MATCH (i)-[:BELONGS_TO]->(c:Customer) WHERE NOT c:Former AND c.size IS NOT NULL } AS customers,
  EXISTS { (i)<-[:OBSERVED]-(:Event) } AS observed
ORDER BY key LIMIT $limit
