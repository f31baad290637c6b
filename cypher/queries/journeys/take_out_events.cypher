// Take events out of their sessions: nobody was seen in them.
UNWIND $ids AS id
MATCH (event:Event {id: id})-[old:IN]->(:Session)
USING INDEX SEEK event:Event(id)
DELETE old
REMOVE event.owner
