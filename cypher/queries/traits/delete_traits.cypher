// Delete traits that nothing says any more.
UNWIND $keys AS key
MATCH (t:Trait {key: key})
DETACH DELETE t
