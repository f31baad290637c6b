// Delete links of identifiers that lead the wrong way or stand beside another of the same pair.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[l:OBSERVED_WITH]-(j:Identifier)
USING INDEX SEEK i:Identifier(key)
WITH DISTINCT l, startNode(l) AS a, endNode(l) AS b
ORDER BY elementId(l)
WITH a, b, collect(l) AS links
UNWIND CASE WHEN a.key < b.key THEN links[1..] ELSE links END AS odd
DELETE odd
