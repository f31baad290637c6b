// Customers on whose identifiers other rules change nothing stand under these from now on.
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
USING INDEX SEEK c:Customer(id)
SET c.rule_version = $rule_version, c.counts = row.counts
