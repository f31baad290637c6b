// The orders in whose messages some identifiers were seen, each with its id.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})<-[:OBSERVED]-(:Event)-[:REPORTS]->(o:Order)
USING INDEX SEEK identifier:Identifier(key)
RETURN DISTINCT o.id AS id
