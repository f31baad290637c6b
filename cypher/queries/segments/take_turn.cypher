// Take the turn to evaluate, unless another process has it; whoever takes it from another gets the next number.
MERGE (e:SegmentEvaluation {name: 'segments'})
ON CREATE SET e.fence = 0, e.holder = '', e.leased_until = datetime({epochSeconds: 0})
REMOVE e.locked
WITH e
WHERE e.holder = $holder OR e.leased_until < datetime.realtime()
SET e.fence = CASE WHEN e.holder = $holder THEN e.fence ELSE e.fence + 1 END, e.holder = $holder,
  e.leased_until = datetime.realtime() + duration({seconds: $seconds})
RETURN e.fence AS fence
