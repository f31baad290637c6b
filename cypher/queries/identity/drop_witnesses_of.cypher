// Forget why the links of identifiers were refused that are quarantined from now on.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})-[link:OBSERVED_WITH]-(:Identifier)
USING INDEX SEEK identifier:Identifier(key)
REMOVE link.witness, link.refused_at
