// Make a record of rows that were never imported before.
UNWIND $keys AS key
MERGE (r:ImportedRow {key: key})
  ON CREATE SET r.revision = 0, r.superseded = []
