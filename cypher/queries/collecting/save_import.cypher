// Note how far a file was imported; everything before is committed.
MERGE (i:Import {key: $key})
  ON CREATE SET i.started_at = datetime.fromEpoch($at_s, $at_ns)
SET i.file = $file,
    i.source = $source,
    i.records = $records,
    i.accepted = $accepted,
    i.duplicates = $duplicates,
    i.skipped = $skipped,
    i.rejected = $rejected,
    i.rejects_bytes = $rejects_bytes,
    i.unused_columns = $unused_columns,
    i.updated_at = datetime.fromEpoch($at_s, $at_ns),
    i.finished_at = CASE WHEN $is_finished THEN datetime.fromEpoch($at_s, $at_ns) END
