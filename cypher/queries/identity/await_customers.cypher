// Mark customers that stand under earlier rules and whose links to others changed: they are derived in their turn.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
USING INDEX SEEK c:Customer(id)
WHERE coalesce(c.rule_version, 1) <> $rule_version
SET c.awaited = true
