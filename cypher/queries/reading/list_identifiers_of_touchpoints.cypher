// The identifiers that some touchpoints observed.
UNWIND $event_ids AS event_id
MATCH (event:Event {id: event_id})-[:OBSERVED]->(i:Identifier)
USING INDEX SEEK event:Event(id)
RETURN event_id,
       i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       head([label IN labels(i) WHERE label <> 'Identifier']) AS label,
       i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
       i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
       coalesce(i.quarantined, false) AS quarantined
