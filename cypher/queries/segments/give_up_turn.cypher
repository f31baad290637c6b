// Give the turn back, so that another process need not wait for it.
MATCH (e:SegmentEvaluation {name: 'segments'})
USING INDEX SEEK e:SegmentEvaluation(name)
WHERE e.holder = $holder
SET e.leased_until = datetime({epochSeconds: 0})
