// How many events there are; Neo4j keeps the number, so none is looked at.
MATCH (e:Event)
RETURN count(e) AS total
