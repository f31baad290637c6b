// What the identifiers of some customers decided of consents.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)-[:GAVE]->(k:Consent)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, i.key AS key, k.id AS id, k.subject AS subject, k.channel AS channel, k.state AS state,
  instant(k.at) AS at, k.source AS source, k.message_id AS message_id, instant(k.last_at) AS last_at,
  k.last_source AS last_source, k.last_message_id AS last_message_id, k.version AS version, k.text AS text
