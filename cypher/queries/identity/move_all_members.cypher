// Hand all identifiers of one customer to another and keep for how long they were the first one's.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (winner:Customer {id: row.winner})
USING INDEX SEEK winner:Customer(id)
MATCH (loser:Customer {id: row.loser})<-[old:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK loser:Customer(id)
CREATE (i)-[:BELONGED_TO {since: old.since, until: datetime.fromEpoch($at_s, $at_ns)}]->(loser)
CREATE (i)-[:BELONGS_TO {since: datetime.fromEpoch($at_s, $at_ns)}]->(winner)
DELETE old
