// When these identifiers were observed, but for the events that are read anew; those that no other event observed are left out.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})<-[:OBSERVED]-(e:Event)
USING INDEX SEEK identifier:Identifier(key)
WHERE e.reread IS NULL
WITH key, min(e.occurred_at) AS first, max(e.occurred_at) AS last
RETURN key, instant(first) AS first_seen,
  instant(last) AS last_seen
