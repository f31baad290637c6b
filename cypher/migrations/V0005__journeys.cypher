// The touchpoints of an identifier in the order in which they happened; those that arrived lately are told without reading them.
CREATE INDEX event_owner IF NOT EXISTS FOR (n:Event) ON (n.owner, n.occurred_at, n.received_at);

// What earlier versions wrote: the owner stood at the session only.
MATCH (e:Event)-[:IN]->(:Session)-[:OF]->(i:Identifier)
WHERE e.owner IS NULL
CALL (e, i) {
  SET e.owner = i.key
} IN TRANSACTIONS OF 10000 ROWS;

// Their channels followed from a context that was not kept: what was read then is all that is left of it.
MATCH (e:Event)
WHERE e.context IS NULL AND e.channel <> 'OTHER' AND e.former_channel IS NULL
CALL (e) {
  SET e.former_channel = e.channel
} IN TRANSACTIONS OF 10000 ROWS;
