// Since when the customer that waits longest has been waiting, and since when the membership that is due longest has been due.
RETURN head(COLLECT { MATCH (c:Customer) WHERE c.waiting_since IS NOT NULL RETURN instant(c.waiting_since) ORDER BY c.waiting_since LIMIT 1 }) AS waiting_since,
  head(COLLECT { MATCH (m:SegmentMembership) WHERE m.due_at <= datetime.fromEpoch($now_s, $now_ns) RETURN instant(m.due_at) ORDER BY m.due_at LIMIT 1 }) AS due_at
