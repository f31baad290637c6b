// Lock the records of rows with these keys in the order given, and read what each said when it was last imported.
UNWIND $keys AS key
MATCH (r:ImportedRow {key: key})
USING INDEX SEEK r:ImportedRow(key)
REMOVE r.locked
RETURN r.key AS key, r.content AS content, r.revision AS revision, r.message_id AS message_id,
  r.superseded AS superseded
