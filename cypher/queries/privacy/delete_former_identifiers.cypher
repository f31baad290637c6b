// Delete what is remembered of identifiers that some customers had, with what people pinned to them.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:BELONGED_TO]-(i:FormerIdentifier)
USING INDEX SEEK c:Customer(id)
WITH DISTINCT i
OPTIONAL MATCH (p:Pin)-[:PINS]->(i)
DETACH DELETE p, i
