// Hand sessions to stronger identifiers that turned up in them.
UNWIND $rows AS row
MATCH (s:Session)-[old:OF]->(:Identifier) WHERE elementId(s) = row.ref
MATCH (i:Identifier {key: row.owner})
DELETE old
CREATE (s)-[:OF]->(i)
