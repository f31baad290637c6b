// How the size of a segment went, hour by hour.
MATCH (h:SegmentSize)
USING INDEX SEEK h:SegmentSize(segment_id, at)
WHERE h.segment_id = $segment_id AND h.at >= datetime.fromEpoch($from_s, 0) AND h.at < datetime.fromEpoch($to_s, 0)
RETURN h.segment_id AS segment_id, instant(h.at) AS at, h.size AS size, h.entered AS entered, h.exited AS exited
ORDER BY h.segment_id, h.at
