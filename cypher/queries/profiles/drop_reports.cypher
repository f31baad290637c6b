// Take it back that some events tell of orders.
UNWIND $ids AS id
MATCH (e:Event {id: id})-[report:REPORTS]->(:Order)
USING INDEX SEEK e:Event(id)
DELETE report
