// One customer: every identifier and every link, also links to other customers
// guide: Your own person
// Put any identifier in its stored form in place of the value.
WITH 'ann@example.com' AS value
MATCH (:Identifier {value: value})-[:BELONGS_TO]->(c:Customer)
MATCH (c)<-[belongs:BELONGS_TO]-(i:Identifier)
OPTIONAL MATCH (i)-[link:OBSERVED_WITH]-(other:Identifier)
RETURN c, belongs, i, link, other
