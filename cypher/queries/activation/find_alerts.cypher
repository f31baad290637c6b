// Which of these alerts there are.
UNWIND $ids AS id
MATCH (a:Alert {id: id})
USING INDEX SEEK a:Alert(id)
RETURN a.id AS id
