// Write new identifiers under the label of their namespace, with the customer that they belong to from now on.
UNWIND $rows AS row
CREATE (i:Identifier:$(row.label) {
  key: row.key, namespace: row.namespace, value: row.value, partners: row.partners, crowding: row.crowding,
  quarantined: row.quarantined, ambiguous: row.ambiguous, judged: row.judged, overruled: row.overruled,
  quarantined_at: CASE WHEN row.quarantined THEN datetime.fromEpoch($at_s, $at_ns) END,
  first_seen: datetime.fromEpoch(row.first_s, row.first_ns), last_seen: datetime.fromEpoch(row.last_s, row.last_ns)
})
WITH i, row
MATCH (c:Customer {id: row.customer_id})
USING INDEX SEEK c:Customer(id)
CREATE (i)-[:BELONGS_TO {since: datetime.fromEpoch($at_s, $at_ns)}]->(c)
RETURN i.key AS key, elementId(i) AS ref
