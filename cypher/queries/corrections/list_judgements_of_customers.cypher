// What is in force of all that people said about identifiers of these customers, with the customers of both ends.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
WHERE c.judged
MATCH (c)<-[:BELONGS_TO]-(i:Identifier)
WHERE i.judged
CALL (i) {
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_a)
  WHERE j.key_a = i.key
  RETURN j
  UNION
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_b)
  WHERE j.key_b = i.key
  RETURN j
}
WITH DISTINCT j
WHERE j.withdrawn_at IS NULL AND j.key_a IS NOT NULL
RETURN j.id AS id, j.verdict AS verdict, j.key_a AS a, j.key_b AS b,
  instant(j.until) AS until, j.reason AS reason, j.actor AS actor,
  instant(j.at) AS at,
  head(COLLECT {
    MATCH (identifier:Identifier {key: j.key_a})-[:BELONGS_TO]->(c:Customer)
    USING INDEX SEEK identifier:Identifier(key)
    RETURN c.id
  }) AS customer_a,
  head(COLLECT {
    MATCH (identifier:Identifier {key: j.key_b})-[:BELONGS_TO]->(c:Customer)
    USING INDEX SEEK identifier:Identifier(key)
    RETURN c.id
  }) AS customer_b
