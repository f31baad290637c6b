// Delete some of the counts of messages from before a day.
MATCH (n:MessageCount)
USING INDEX SEEK n:MessageCount(day)
WHERE n.day < $before
WITH n LIMIT $limit
DELETE n
RETURN count(*) AS deleted
