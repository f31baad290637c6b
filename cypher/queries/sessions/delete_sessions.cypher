// Delete sessions whose events all went to others.
UNWIND $ids AS id
MATCH (s:Session {id: id})
DETACH DELETE s
