// Delete sessions whose events all went to others.
UNWIND $ids AS id
MATCH (s:Session {id: id})
USING INDEX SEEK s:Session(id)
// A node that was changed and deleted in one transaction stays in Neo4j's composite index until the end of it, and the
// next seek fails with EntityNotFound. One that lost a property of the index is out of it.
REMOVE s.visitor
DETACH DELETE s
