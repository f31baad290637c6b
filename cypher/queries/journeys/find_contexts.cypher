// The contexts of events, packed as they are stored.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
RETURN e.id AS id, e.context AS context
