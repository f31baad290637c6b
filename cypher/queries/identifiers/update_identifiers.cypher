// Write what new observations changed of known identifiers.
UNWIND $rows AS row
MATCH (i:Identifier) WHERE elementId(i) = row.ref
SET i.first_seen = datetime.fromEpoch(row.first_s, row.first_ns),
  i.last_seen = datetime.fromEpoch(row.last_s, row.last_ns),
  i.partners = row.partners, i.quarantined = row.quarantined, i.ambiguous = row.ambiguous
