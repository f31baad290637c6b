// How many traits some customers have: the names of which something is left that was not deleted.
UNWIND $customer_ids AS customer_id
CALL (customer_id) {
  MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)-[:HAS_TRAIT]->(t:Trait)
  USING INDEX SEEK customer:Customer(id)
  WITH t ORDER BY t.observed_at DESC, t.source DESC, t.message_id DESC
  WITH t.name AS name, head(collect(coalesce(t.deleted, false))) AS deleted
  RETURN sum(CASE WHEN deleted THEN 0 ELSE 1 END) AS traits
}
RETURN customer_id, traits
