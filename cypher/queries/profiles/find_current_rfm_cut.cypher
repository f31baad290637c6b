// The cut of RFM in force: the last one.
MATCH (s:Sequence {name: 'rfm_cuts'})
USING INDEX SEEK s:Sequence(name)
MATCH (cut:RfmCut {version: s.last})
USING INDEX SEEK cut:RfmCut(version)
RETURN cut.version AS version, instant(cut.at) AS at, cut.method AS method, cut.population AS population,
  cut.currency AS currency, cut.recency AS recency, cut.frequency AS frequency, cut.monetary AS monetary,
  cut.recency_classes AS recency_classes, cut.frequency_classes AS frequency_classes,
  cut.monetary_classes AS monetary_classes, cut.rhythm AS rhythm
