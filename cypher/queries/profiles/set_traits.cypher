// Write traits whatever they were before: what all claims of an identifier come to.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifier})
USING INDEX SEEK i:Identifier(key)
MERGE (t:Trait {key: row.key})
SET t.name = row.name, t.value = row.value, t.observed_at = datetime.fromEpoch(row.observed_s, row.observed_ns),
  t.source = row.source, t.message_id = row.message_id, t.deleted = row.deleted, t.policy = row.policy, t.state = row.state
MERGE (i)-[:HAS_TRAIT]->(t)
