// All that these identifiers were observed together with.
UNWIND $keys AS key
MATCH (identifier:Identifier {key: key})-[:OBSERVED_WITH]-(other:Identifier)
USING INDEX SEEK identifier:Identifier(key)
RETURN key, other.key AS other_key
