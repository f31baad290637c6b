// How many customers are known by nothing but identifiers of these namespaces.
MATCH (c:Customer)
USING INDEX SEEK c:Customer(size, id)
WHERE c.size > 0 AND c.id IS NOT NULL
  AND NOT EXISTS { MATCH (c)<-[:BELONGS_TO]-(i:Identifier) WHERE NOT i.namespace IN $visitors }
RETURN count(*) AS customers
