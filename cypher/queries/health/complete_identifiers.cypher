// Give identifiers the properties that each has, so that they can be read; a repair counts them anew.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
WHERE i.first_seen IS NULL OR i.last_seen IS NULL OR i.partners IS NULL
WITH i, datetime.fromEpoch($at_s, $at_ns) AS at
SET i.first_seen = coalesce(i.first_seen, at), i.last_seen = coalesce(i.last_seen, at), i.partners = coalesce(i.partners, '{}')
