// The memberships that have been due longest.
MATCH (m:SegmentMembership)
USING INDEX SEEK m:SegmentMembership(due_at)
WHERE m.due_at <= datetime.fromEpoch($now_s, $now_ns)
RETURN m.key AS key, m.edition AS edition, m.customer_id AS customer_id, instant(m.due_at) AS due_at
ORDER BY m.due_at LIMIT $limit
