// All identifiers of some customers, for their cards and as the nodes of their identity graphs.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id,
       i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       head([label IN labels(i) WHERE label <> 'Identifier']) AS label,
       instant(i.first_seen) AS first_seen,
       instant(i.last_seen) AS last_seen,
       coalesce(i.quarantined, false) AS quarantined
