// Let one process after the other look at events for alerts.
MERGE (s:Sequence {name: 'alerts'})
ON CREATE SET s.last = 0
REMOVE s.locked
