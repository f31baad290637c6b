// Give identifiers the labels that the rules name now.
UNWIND $rows AS row
MATCH (i:Identifier) WHERE elementId(i) = row.ref
REMOVE i:$(row.former)
SET i:$(row.label)
