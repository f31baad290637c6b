// How many messages wait among the dead letters, read off the count store.
MATCH (d:DeadLetter)
RETURN count(d) AS dead_letters
