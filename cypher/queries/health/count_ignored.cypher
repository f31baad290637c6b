// How many values of the events are no identifiers, or link nothing, by code.
MATCH (e:Event)
USING INDEX e:Event(ignored_at)
WHERE e.ignored_at IS NOT NULL
UNWIND e.ignored AS item
RETURN split(item, ' ')[0] AS code, count(*) AS violations
ORDER BY code
