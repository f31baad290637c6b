// How many events observed some identifiers, read off their degrees; an event counts once for each of these.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
RETURN sum(COUNT { (i)<-[:OBSERVED]-() }) AS observations
