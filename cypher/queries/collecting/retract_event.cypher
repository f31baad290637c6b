// Take an event back: it is no evidence any more, and stays on record so that a repeat of its message changes nothing.
MATCH (e:Event {id: $id})
USING INDEX SEEK e:Event(id)
SET e.retracted_at = datetime.fromEpoch($at_s, $at_ns), e.retracted_by = $actor
REMOVE e.reread, e.ignored_at, e.exposed_at, e.owner
WITH e
MATCH (e)-[r:OBSERVED|IN|REPORTS]->()
DELETE r
