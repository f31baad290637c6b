// A page of what happened to some customers and to those that went into them: `direction` 1 for the oldest first, -1 for
// the latest, each after a position in that direction.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:MERGED_INTO*0..]-(c:Customer)
  USING INDEX SEEK customer:Customer(id)
  MATCH (c)<-[:AFFECTED]-(change:Change)
  WHERE change.position * $direction > $after AND ($kinds IS NULL OR change.kind IN $kinds)
    AND ($since IS NULL OR change.at >= datetime($since))
  WITH DISTINCT change
  RETURN change ORDER BY change.position * $direction LIMIT $limit
}
RETURN customer_id, change.id AS id, change.position AS position, change.kind AS kind,
  instant(change.at) AS at, change.rule_version AS rule_version,
  change.trigger_kind AS trigger_kind, change.trigger_id AS trigger_id
ORDER BY position * $direction
