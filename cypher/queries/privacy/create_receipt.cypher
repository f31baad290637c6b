// Keep the receipt of an erasure.
CREATE (:ErasureReceipt {
  id: $id, erased_at: datetime.fromEpoch($at_s, $at_ns), identifiers: $identifiers, events: $events, preserved_orders: $preserved_orders, signature: $signature
})
