// Keep the newest value of each trait of an identifier, whatever the order of arrival; a deletion is a value, too.
UNWIND $rows AS row
MATCH (i:Identifier) WHERE elementId(i) = row.identifier
MERGE (t:Trait {key: row.key})
ON CREATE SET t.name = row.name
WITH t, i, row, datetime.fromEpoch(row.observed_s, row.observed_ns) AS observed_at
CALL (t, i) {
  WITH t, i WHERE t.value IS NULL
  CREATE (i)-[:HAS_TRAIT]->(t)
}
WITH t, row, observed_at
WHERE t.value IS NULL OR t.observed_at < observed_at
  OR t.observed_at = observed_at AND (t.source < row.source OR t.source = row.source AND t.message_id < row.message_id)
SET t.value = row.value, t.observed_at = observed_at, t.source = row.source, t.message_id = row.message_id,
  t.deleted = row.deleted
