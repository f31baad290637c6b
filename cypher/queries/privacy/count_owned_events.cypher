// How many events there are of the sessions that belong to these identifiers.
UNWIND $keys AS key
MATCH (e:Event)
USING INDEX SEEK e:Event(owner, occurred_at, received_at)
WHERE e.owner = key AND e.occurred_at IS NOT NULL AND e.received_at IS NOT NULL
RETURN count(e) AS total
