// Where identifiers belong: the customers that are not merged away, and how many customers in all.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
RETURN i.key AS key, COUNT { (i)-[:BELONGS_TO]->() } AS relations,
  COLLECT { MATCH (i)-[b:BELONGS_TO]->(c:Customer) WHERE NOT c:Former RETURN c.id ORDER BY b.since, c.id } AS customers
