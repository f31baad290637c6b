// How many customers there are, those that are no more among them: the store counts them itself.
MATCH (c:Customer) RETURN count(c) AS customers
