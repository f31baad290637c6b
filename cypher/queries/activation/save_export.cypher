// Keep up to where a series of exports of a segment has come.
MERGE (e:SegmentExport {key: $segment_id + '/' + $series})
SET e.segment_id = $segment_id, e.series = $series, e.position = $position, e.rows = $written,
  e.at = datetime.fromEpoch($at_s, $at_ns)
