// Write which events tell of which orders, in the order given; an order that is new is made, and from here on locked.
UNWIND $rows AS row
MERGE (o:Order {id: row.order})
ON CREATE SET o.scope = row.scope, o.order_id = row.order_id
REMOVE o.locked
WITH o, row
MATCH (e:Event {id: row.event})
USING INDEX SEEK e:Event(id)
CREATE (e)-[:REPORTS]->(o)
