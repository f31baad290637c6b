// Forget how customers stand to segments: they were never in, and time changes nothing; or it was told under another edition.
UNWIND $keys AS key
MATCH (m:SegmentMembership {key: key})
USING INDEX SEEK m:SegmentMembership(key)
DETACH DELETE m
