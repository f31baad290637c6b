// Hand sessions to stronger identifiers that turned up in them.
UNWIND $rows AS row
MATCH (s:Session {id: row.id})-[old:OF]->(:Identifier)
MATCH (i:Identifier {key: row.owner})
DELETE old
CREATE (s)-[:OF]->(i)
