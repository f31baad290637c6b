// The customers that have a membership in some editions, by id, after one: a page of each edition.
UNWIND $editions AS edition
CALL (edition) {
  MATCH (m:SegmentMembership)
  USING INDEX SEEK m:SegmentMembership(edition, customer_id)
  WHERE m.edition = edition AND m.customer_id > $after
  RETURN m.customer_id AS customer_id ORDER BY m.edition, m.customer_id LIMIT $limit
}
RETURN edition, customer_id
