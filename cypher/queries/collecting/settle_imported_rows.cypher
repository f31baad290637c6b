// Note that messages of rows were taken back.
UNWIND $rows AS row
MATCH (r:ImportedRow {key: row.key})
USING INDEX SEEK r:ImportedRow(key)
SET r.superseded = [id IN r.superseded WHERE NOT id IN row.done]
