// Whether events are to be looked at for alerts, and whether alerts that were held back are to be told.
OPTIONAL MATCH (c:AlertCandidate)
USING INDEX SEEK c:AlertCandidate(id)
WHERE c.id >= ''
WITH c LIMIT 1
OPTIONAL MATCH (a:Alert)
USING INDEX SEEK a:Alert(held_until)
WHERE a.held_until <= datetime.fromEpoch($now_s, $now_ns)
WITH c, a LIMIT 1
RETURN c IS NOT NULL AS candidates, a IS NOT NULL AS held
