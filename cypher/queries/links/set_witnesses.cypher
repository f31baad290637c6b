// Write why links are refused; without a witness they hold, or an end is quarantined.
UNWIND $rows AS row
MATCH (a:Identifier {key: row.a})
MATCH (b:Identifier {key: row.b})
MATCH (a)-[link:OBSERVED_WITH]->(b)
SET link.witness = row.witness
