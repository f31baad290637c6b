// Note that events came late, so that retention looks at them.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
SET e.overdue = true
