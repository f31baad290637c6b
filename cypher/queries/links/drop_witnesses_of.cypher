// Forget why the links of identifiers were refused that are quarantined from now on.
UNWIND $keys AS key
MATCH (:Identifier {key: key})-[link:OBSERVED_WITH]-(:Identifier)
REMOVE link.witness, link.refused_at
