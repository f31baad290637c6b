// Hand sessions, with the events in them, to stronger identifiers that turned up in them.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (s:Session)-[old:OF]->(:Identifier) WHERE elementId(s) = row.ref
MATCH (i:Identifier {key: row.owner})
USING INDEX SEEK i:Identifier(key)
DELETE old
CREATE (s)-[:OF]->(i)
WITH s, i
MATCH (s)<-[:IN]-(e:Event)
SET e.owner = i.key
