// Note what rows say now, and which messages of theirs are to be taken back.
UNWIND $rows AS row
MATCH (r:ImportedRow {key: row.key})
USING INDEX SEEK r:ImportedRow(key)
SET r.content = row.content,
    r.revision = row.revision,
    r.message_id = row.message_id,
    r.superseded = row.superseded,
    r.updated_at = datetime.fromEpoch(row.at_s, row.at_ns)
