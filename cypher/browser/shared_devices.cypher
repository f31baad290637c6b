// Shared devices: those with the most accounts
// guide: People
// plan: NodeByLabelScan because it looks at every device
MATCH (d:Device)
WITH d, COUNT { (d)-[:OBSERVED_WITH]-(:Account) } AS accounts
WHERE accounts > 1
WITH d, accounts ORDER BY accounts DESC LIMIT 10
MATCH (d)-[link:OBSERVED_WITH]-(a:Account)
RETURN d, link, a, accounts
