// Note the editions that are to be forgotten.
MATCH (e:SegmentEvaluation {name: 'segments'})
USING INDEX SEEK e:SegmentEvaluation(name)
SET e.stale = $editions
