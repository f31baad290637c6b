// Receipts by their ids.
UNWIND $ids AS id
MATCH (r:ErasureReceipt {id: id})
USING INDEX SEEK r:ErasureReceipt(id)
RETURN r.id AS id, instant(r.erased_at) AS erased_at, r.identifiers AS identifiers, r.events AS events,
  r.preserved_orders AS preserved_orders, r.signature AS signature
