// Write a cut of RFM down as the next version; the sequence is locked, so one follows the other.
MERGE (s:Sequence {name: 'rfm_cuts'})
SET s.last = coalesce(s.last, 0) + 1
WITH s.last AS version
CREATE (cut:RfmCut {
  version: version, at: datetime.fromEpoch($at_s, $at_ns), method: $method, population: $population, currency: $currency,
  recency: $recency, frequency: $frequency, monetary: $monetary, recency_classes: $recency_classes,
  frequency_classes: $frequency_classes, monetary_classes: $monetary_classes, rhythm: $rhythm
})
RETURN version
