// Deleted segments whose members are not forgotten yet, with how many editions there were.
MATCH (s:Segment)
WHERE s.id >= '' AND s.state = 'DELETED' AND s.edition > 0
RETURN s.id AS id, s.last_edition AS last_edition
