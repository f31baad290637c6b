// Stop what is to be sent about these customers. What may have been sent stays until the erasure, since it says who has to hear of that.
UNWIND $ids AS id
MATCH (d:Delivery)
USING INDEX SEEK d:Delivery(customer_id)
WHERE d.customer_id = id
WITH d, d.delivered_at IS NULL AND d.attempts = 0 AND d.claim IS NULL AS is_unsent
WITH d, is_unsent, NOT is_unsent AND d.due_at IS NOT NULL AS is_waiting
FOREACH (waiting IN CASE WHEN is_waiting THEN [d] ELSE [] END |
  SET waiting.claim = 'erased'
  REMOVE waiting.due_at, waiting.lane
)
FOREACH (unsent IN CASE WHEN is_unsent THEN [d] ELSE [] END | DELETE unsent)
RETURN count(*) AS stopped
