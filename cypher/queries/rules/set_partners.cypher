// Partners that were counted anew under other rules, and how full an identifier is of them.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
USING INDEX SEEK i:Identifier(key)
SET i.partners = row.partners, i.crowding = row.crowding
