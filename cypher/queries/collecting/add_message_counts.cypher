// Count messages of sources, in the transaction that keeps them.
UNWIND $rows AS row
MERGE (n:MessageCount {key: row.key})
ON CREATE SET n.writer = row.writer, n.day = row.day, n.source = row.source, n.type = row.type, n.name = row.name,
  n.accepted = 0, n.repeated = 0
SET n.accepted = n.accepted + row.accepted, n.repeated = n.repeated + row.repeated
