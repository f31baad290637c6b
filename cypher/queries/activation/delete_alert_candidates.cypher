// Drop events that were looked at.
UNWIND $ids AS id
MATCH (c:AlertCandidate {id: id})
USING INDEX SEEK c:AlertCandidate(id)
DELETE c
