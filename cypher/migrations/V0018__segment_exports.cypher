// Up to where each series of exports of a segment has come.
CREATE CONSTRAINT segment_export_key IF NOT EXISTS FOR (n:SegmentExport) REQUIRE n.key IS UNIQUE;
