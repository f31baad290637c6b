// Let alerts be told, in the order given; positions are in the order of the commits.
UNWIND CASE WHEN size($ids) > 0 THEN [size($ids)] ELSE [] END AS total
MERGE (s:Sequence {name: 'alerts'})
SET s.last = coalesce(s.last, 0) + total
WITH s.last - total AS start, total
UNWIND range(1, total) AS place
WITH start + place AS position, $ids[place - 1] AS id
MATCH (a:Alert {id: id})
USING INDEX SEEK a:Alert(id)
SET a.position = position
REMOVE a.held_until
