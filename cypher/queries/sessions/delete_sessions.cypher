// Delete sessions whose events all went to others.
UNWIND $ids AS id
MATCH (s:Session {id: id})
USING INDEX SEEK s:Session(id)
DETACH DELETE s
