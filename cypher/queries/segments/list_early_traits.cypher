// The traits of customers of which something is said of a time that has not come yet.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(:Identifier)-[:HAS_TRAIT]->(t:Trait)
USING INDEX SEEK customer:Customer(id)
WHERE t.observed_at > datetime.fromEpoch($now_s, $now_ns) AND ($names IS NULL OR t.name IN $names)
RETURN DISTINCT customer_id, t.name AS name
