// Hand single identifiers to other customers and keep for how long they were the former one's.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})-[old:BELONGS_TO]->(former:Customer)
USING INDEX SEEK i:Identifier(key)
MATCH (c:Customer {id: row.customer_id})
USING INDEX SEEK c:Customer(id)
CREATE (i)-[:BELONGED_TO {since: old.since, until: datetime.fromEpoch($at_s, $at_ns)}]->(former)
CREATE (i)-[:BELONGS_TO {since: datetime.fromEpoch($at_s, $at_ns)}]->(c)
DELETE old
