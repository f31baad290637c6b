// Keep the turn until the end of this transaction, if nobody took it meanwhile.
MATCH (e:SegmentEvaluation {name: 'segments'})
USING INDEX SEEK e:SegmentEvaluation(name)
REMOVE e.locked
WITH e
WHERE e.fence = $fence AND e.holder = $holder
SET e.leased_until = datetime.realtime() + duration({seconds: $seconds})
RETURN e.fence AS fence
