// What happened: the changes of a customer, and of customers merged into it
// Put any identifier in its stored form in place of the value.
WITH 'ann@example.com' AS value
MATCH (:Identifier {value: value})-[:BELONGS_TO]->(c:Customer)
MATCH (former:Customer)-[:MERGED_INTO*0..50]->(c)
MATCH (change:Change)-[:AFFECTED]->(former)
WITH DISTINCT change
RETURN change.position AS position, change.at AS at, change.kind AS what, change.trigger_kind AS because_of,
  change.trigger_id AS which, change.rule_version AS rules
ORDER BY position DESC LIMIT 100
