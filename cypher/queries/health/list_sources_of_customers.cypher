// The sources that told of some customers lately: those of the last touchpoints of the identifiers seen last.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  WITH i ORDER BY i.last_seen DESC LIMIT $identifiers
  CALL (i) {
    MATCH (e:Event)
    USING INDEX SEEK e:Event(owner, occurred_at, received_at)
    WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
    RETURN e.source AS source ORDER BY e.owner DESC, e.occurred_at DESC LIMIT $touchpoints
  }
  RETURN DISTINCT source
}
RETURN customer_id, source
