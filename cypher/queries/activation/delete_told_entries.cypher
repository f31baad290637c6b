// Drop some of what is known of what a destination was told.
MATCH (t:ToldEntry)
USING INDEX SEEK t:ToldEntry(destination_id)
WHERE t.destination_id = $destination_id
WITH t LIMIT $limit
DELETE t
RETURN count(*) AS deleted
