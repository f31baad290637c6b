// What the last touchpoints of some customers say of traits: of the last ones of the identifiers seen last.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  WITH i ORDER BY i.last_seen DESC, i.key LIMIT $identifiers
  CALL (i) {
    MATCH (e:Event)
    USING INDEX SEEK e:Event(owner, occurred_at, received_at)
    WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
    RETURN e ORDER BY e.owner DESC, e.occurred_at DESC, e.id DESC LIMIT $touchpoints
  }
  WITH e WHERE e.traits IS NOT NULL
  RETURN e
}
RETURN customer_id, e.type AS type, e.traits AS traits
