// All that these identifiers were observed together with.
UNWIND $keys AS key
MATCH (:Identifier {key: key})-[:OBSERVED_WITH]-(other:Identifier)
RETURN key, other.key AS other_key
