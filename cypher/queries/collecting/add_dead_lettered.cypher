// Count messages that this writer set aside, in the transaction that keeps them.
MATCH (n:IngestCounter {writer: $writer})
USING INDEX SEEK n:IngestCounter(writer)
SET n.dead_lettered = n.dead_lettered + $created
