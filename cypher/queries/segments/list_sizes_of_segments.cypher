// How the sizes of some segments went, hour by hour.
UNWIND $segment_ids AS segment_id
MATCH (h:SegmentSize)
USING INDEX SEEK h:SegmentSize(segment_id, at)
WHERE h.segment_id = segment_id AND h.at >= datetime($since) AND h.at < datetime($until)
RETURN h.segment_id AS segment_id, instant(h.at) AS at, h.size AS size, h.entered AS entered, h.exited AS exited
ORDER BY h.at
