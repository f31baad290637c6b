// Delete traits that nothing says any more.
UNWIND $keys AS key
MATCH (t:Trait {key: key})
USING INDEX SEEK t:Trait(key)
DETACH DELETE t
