// Forget why links of identifiers are refused, so that each of them is decided anew.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[link:OBSERVED_WITH]-(:Identifier)
USING INDEX SEEK i:Identifier(key)
WHERE link.witness IS NOT NULL
REMOVE link.witness
