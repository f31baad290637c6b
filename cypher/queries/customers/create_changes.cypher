// Write down what happened to customers, in the transaction in which it did.
UNWIND $rows AS row
CREATE (change:Change {
  id: row.id, kind: row.kind, at: datetime.fromEpoch($at_s, $at_ns), rule_version: $rule_version,
  trigger_kind: row.trigger_kind, trigger_id: row.trigger_id
})
WITH change, row
UNWIND row.customers AS id
MATCH (c:Customer {id: id})
CREATE (change)-[:AFFECTED]->(c)
