// How many identifiers there are, read from the statistics of the database.
MATCH (i:Identifier)
RETURN count(i) AS identifiers
