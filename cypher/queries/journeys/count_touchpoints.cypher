// The length of some customers' journeys, under the filters of a page.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
  USING INDEX SEEK customer:Customer(id)
  CALL (i) {
    MATCH (e:Event)
    USING INDEX SEEK e:Event(owner, occurred_at, received_at)
    WHERE e.owner = i.key AND e.occurred_at >= datetime($since) AND e.occurred_at < datetime($until)
      AND e.received_at IS NOT NULL
      AND ($types IS NULL OR e.type IN $types)
      AND ($names IS NULL OR CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END IN $names)
      AND ($channels IS NULL OR e.channel IN $channels)
      AND ($campaigns IS NULL OR e.campaign_name IN $campaigns)
    RETURN count(e) AS found
  }
  RETURN sum(found) AS touchpoints
}
RETURN customer_id, touchpoints
