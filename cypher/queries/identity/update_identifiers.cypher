// Write what changed of known identifiers.
UNWIND $rows AS row
MATCH (i:Identifier) WHERE elementId(i) = row.ref
SET i.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  i.last_seen = datetime.fromEpoch(row.last_s, row.last_ns),
  i.partners = row.partners, i.crowding = row.crowding,
  i.quarantined = row.quarantined, i.ambiguous = row.ambiguous, i.judged = row.judged, i.overruled = row.overruled,
  i.quarantined_at = CASE WHEN row.quarantined THEN coalesce(i.quarantined_at, datetime.fromEpoch($at_s, $at_ns)) END
