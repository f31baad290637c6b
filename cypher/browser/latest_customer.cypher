// Latest customer: the identifiers of whoever was seen last, and the links that join them
// guide: People
MATCH (c:Customer)
USING INDEX c:Customer(last_seen)
WHERE c.last_seen > datetime('2000-01-01') AND c.size > 1
WITH c ORDER BY c.last_seen DESC LIMIT 1
MATCH (c)<-[belongs:BELONGS_TO]-(i:Identifier)
OPTIONAL MATCH (i)-[link:OBSERVED_WITH]-(other:Identifier)
RETURN c, belongs, i, link, other
LIMIT 300
