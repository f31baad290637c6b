// Customers that are evaluated, with their identifiers and their marks; one that is no more has the customer that it went into.
UNWIND $customer_ids AS customer_id
MATCH (c:Customer {id: customer_id})
USING INDEX SEEK c:Customer(id)
RETURN customer_id, c:Former AS is_former, c:Restricted AS is_restricted, coalesce(c.waiting_mark, 0) AS mark,
  COLLECT { MATCH (c)<-[:BELONGS_TO]-(i:Identifier) RETURN [i.key, instant(i.first_seen)] } AS identifiers,
  head(COLLECT { MATCH (c)-[:MERGED_INTO]->(w:Customer) RETURN w.id LIMIT 1 }) AS merged_into
