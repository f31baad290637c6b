// The names of events that were received since a day, and how many messages had each.
MATCH (n:MessageCount)
USING INDEX SEEK n:MessageCount(day)
WHERE n.day >= $since
RETURN n.name AS name, sum(n.accepted + n.repeated) AS messages
