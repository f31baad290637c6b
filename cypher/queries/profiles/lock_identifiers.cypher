// Lock identifiers in the order given: whoever derives anything of them from all their events writes it alone.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
REMOVE i.locked
