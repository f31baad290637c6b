// Count what messages of sources say of traits, in the transaction that keeps them.
UNWIND $rows AS row
MERGE (n:ClaimCount {key: row.key})
ON CREATE SET n.writer = row.writer, n.day = row.day, n.source = row.source, n.name = row.name,
  n.claims = 0, n.deletions = 0, n.misfits = 0, n.unsuited = 0, n.too_large = 0
WITH n, row, datetime.fromEpoch(row.newest_s, row.newest_ns) AS newest
SET n.claims = n.claims + row.claims, n.deletions = n.deletions + row.deletions, n.misfits = n.misfits + row.misfits,
  n.unsuited = n.unsuited + row.unsuited, n.too_large = n.too_large + row.too_large,
  n.newest = CASE WHEN n.newest > newest THEN n.newest ELSE newest END,
  n.misfit = coalesce(row.misfit, n.misfit)
