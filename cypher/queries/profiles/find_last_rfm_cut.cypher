// The version of the last cut of RFM.
MATCH (s:Sequence {name: 'rfm_cuts'})
USING INDEX SEEK s:Sequence(name)
RETURN s.last AS version
