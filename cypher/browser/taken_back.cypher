// Taken back: retracted events, and who retracted them
// plan: NodeByLabelScan because that is quicker than the index on a small graph
MATCH (e:Event)
WHERE e.retracted_at IS NOT NULL
RETURN e.retracted_at AS taken_back, e.retracted_by AS by, e.occurred_at AS at, e.source AS source,
  e.message_id AS message, e.name AS what, e.identifiers AS as_they_came
ORDER BY taken_back DESC LIMIT 100
