// Up to where a series of exports of a segment has come; nothing before the first one.
MATCH (e:SegmentExport {key: $segment_id + '/' + $series})
USING INDEX SEEK e:SegmentExport(key)
RETURN e.position AS position, instant(e.at) AS at
