// Let requests be opened one after the other, so that of two at the same time the second sees the first.
MERGE (s:Sequence {name: 'privacy requests'})
SET s.last = coalesce(s.last, 0) + 1
