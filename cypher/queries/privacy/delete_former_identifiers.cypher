// Delete what is remembered of identifiers that some customers had, and of some wherever they were, with what people pinned to them.
CALL () {
  UNWIND $ids AS id
  MATCH (c:Customer {id: id})<-[:BELONGED_TO]-(i:FormerIdentifier)
  USING INDEX SEEK c:Customer(id)
  RETURN i
  UNION
  UNWIND $keys AS key
  MATCH (i:FormerIdentifier {key: key})
  USING INDEX SEEK i:FormerIdentifier(key)
  RETURN i
}
OPTIONAL MATCH (p:Pin)-[:PINS]->(i)
DETACH DELETE p, i
