// Let one change of the rules be made after the other.
MERGE (s:Sequence {name: 'rule_sets'})
SET s.last = coalesce(s.last, 0) + 1
