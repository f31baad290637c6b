// Keep up to where a destination was told of the change log.
MATCH (d:Destination {id: $id})
USING INDEX SEEK d:Destination(id)
SET d.change_position = $position
