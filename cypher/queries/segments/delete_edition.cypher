// Forget a page of an edition that is in force no more.
MATCH (m:SegmentMembership)
USING INDEX SEEK m:SegmentMembership(edition, customer_id)
WHERE m.edition = $edition AND m.customer_id > ''
WITH m LIMIT $limit
DETACH DELETE m
RETURN count(*) AS deleted
