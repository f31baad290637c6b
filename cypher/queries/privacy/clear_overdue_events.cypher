// Note that retention has looked at events that came late.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
REMOVE e.overdue
