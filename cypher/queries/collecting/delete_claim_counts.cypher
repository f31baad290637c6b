// Delete some of the counts of claims from before a day.
MATCH (n:ClaimCount)
USING INDEX SEEK n:ClaimCount(day)
WHERE n.day < $before
WITH n LIMIT $limit
DELETE n
RETURN count(*) AS deleted
