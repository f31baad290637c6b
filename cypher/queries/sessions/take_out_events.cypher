// Take events out of their sessions: nobody was seen in them.
UNWIND $ids AS id
MATCH (:Event {id: id})-[old:IN]->(:Session)
DELETE old
