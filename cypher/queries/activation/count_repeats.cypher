// Count events that would have been alerts so soon after these.
UNWIND $ids AS id
MATCH (a:Alert {id: id})
USING INDEX SEEK a:Alert(id)
SET a.repeats = a.repeats + 1
