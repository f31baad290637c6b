// The first and the last visit that began within some time up to a customer's latest event of a name, by their first events.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  CALL (i) {
    MATCH (e:Event)
    USING INDEX SEEK e:Event(owner, occurred_at, received_at)
    WHERE e.owner = i.key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
      AND CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END = $conversion
    RETURN e ORDER BY e.owner DESC, e.occurred_at DESC, e.id DESC LIMIT 1
  }
  RETURN e AS conversion ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1
}
CALL (customer_id, conversion) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  MATCH (e:Event)
  USING INDEX SEEK e:Event(owner, occurred_at, received_at)
  WHERE e.owner = i.key AND e.occurred_at >= conversion.occurred_at - duration({microseconds: $within})
    AND e.occurred_at <= conversion.occurred_at AND e.received_at IS NOT NULL AND e <> conversion
    AND ($direct OR e.campaign_source IS NOT NULL OR e.campaign_medium IS NOT NULL OR e.campaign_name IS NOT NULL)
    AND EXISTS { (e)-[:IN]->(s:Session) WHERE s.id = 'ses_' + substring(e.id, 4) }
  WITH e ORDER BY e.occurred_at, e.id
  WITH collect(e.id) AS touches
  RETURN touches[0] AS first_touch, touches[-1] AS last_touch
}
RETURN customer_id, conversion.id AS conversion, first_touch, last_touch
