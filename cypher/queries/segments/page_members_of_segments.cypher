// A page of the members of each of some editions, those who entered last first.
// Two parts, so that each walks the index: what is left of the moment at the cursor, then all before it.
UNWIND $editions AS edition
CALL (edition) {
  CALL (edition) {
    MATCH (m:SegmentMembership)
    USING INDEX SEEK m:SegmentMembership(edition, since, customer_id)
    WHERE m.edition = edition AND m.since = datetime($before) AND m.customer_id < $before_id
      AND (NOT EXISTS {
        MATCH (customer:Customer {id: m.customer_id})
        USING INDEX SEEK customer:Customer(id)
        WHERE customer:Restricted
      })
    RETURN m ORDER BY m.customer_id DESC LIMIT $limit
    UNION ALL
    MATCH (m:SegmentMembership)
    USING INDEX SEEK m:SegmentMembership(edition, since, customer_id)
    WHERE m.edition = edition AND m.since < datetime($before) AND m.customer_id IS NOT NULL
      AND (NOT EXISTS {
        MATCH (customer:Customer {id: m.customer_id})
        USING INDEX SEEK customer:Customer(id)
        WHERE customer:Restricted
      })
    RETURN m ORDER BY m.since DESC, m.customer_id DESC LIMIT $limit
  }
  RETURN m ORDER BY m.since DESC, m.customer_id DESC LIMIT $limit
}
RETURN m.segment_id AS segment_id, m.customer_id AS customer_id, instant(m.since) AS since, m.number AS number
ORDER BY since DESC, customer_id DESC
