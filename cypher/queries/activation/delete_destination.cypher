// Drop a destination.
MATCH (d:Destination {id: $id})
USING INDEX SEEK d:Destination(id)
DELETE d
RETURN count(*) AS deleted
