// Delete events for good, with what waits to be looked at of them.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
DETACH DELETE e
WITH DISTINCT id
MATCH (a:AlertCandidate {id: id})
USING INDEX SEEK a:AlertCandidate(id)
DELETE a
