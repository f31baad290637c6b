// Mark customers that lost their last identifier: nobody is behind their ids any more.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
SET c:Former, c.updated_at = datetime.fromEpoch($at_s, $at_ns)
REMOVE c.first_seen, c.last_seen, c.size, c.counts, c.contested, c.contested_by_window, c.judged, c.rule_version,
  c.awaited
