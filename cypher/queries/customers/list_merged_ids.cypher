// The ids that were merged into some customers, directly or through others, the latest first.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[merges:MERGED_INTO*1..]-(merged:Customer)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id, merged.id AS merged_id
ORDER BY last(merges).at DESC, merged_id
