// All identifiers of some customers, for their cards and as the nodes of their identity graphs.
UNWIND $customer_ids AS customer_id
MATCH (customer:Customer {id: customer_id})<-[:BELONGS_TO]-(i:Identifier)
USING INDEX SEEK customer:Customer(id)
RETURN customer_id,
       i.key AS key,
       i.namespace AS namespace,
       i.value AS value,
       head([label IN labels(i) WHERE label <> 'Identifier']) AS label,
       i.first_seen.epochSeconds * 1000000 + i.first_seen.microsecond AS first_seen,
       i.last_seen.epochSeconds * 1000000 + i.last_seen.microsecond AS last_seen,
       coalesce(i.quarantined, false) AS quarantined
