// The identifiers that some touchpoints observed.
UNWIND $event_ids AS event_id
MATCH (event:Event {id: event_id})-[:OBSERVED]->(i:Identifier)
USING INDEX SEEK event:Event(id)
RETURN event_id,
       i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       head([label IN labels(i) WHERE label <> 'Identifier']) AS label,
       instant(i.first_seen) AS first_seen,
       instant(i.last_seen) AS last_seen,
       coalesce(i.quarantined, false) AS quarantined
