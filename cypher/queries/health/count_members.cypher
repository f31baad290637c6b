// How many customers have one, two, three … identifiers of each namespace; all customers are read, in bounded memory.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(size, id)
WHERE c.size > 0 AND c.id IS NOT NULL
CALL (c) {
  MATCH (c)<-[:BELONGS_TO]-(i:Identifier)
  RETURN i.namespace AS namespace, count(*) AS members
}
RETURN namespace, members, count(*) AS customers
ORDER BY namespace, members
