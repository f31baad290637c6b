// Note when keys were last used. Several processes do so, in any order.
UNWIND $rows AS row
MATCH (k:AccessKey {id: row.id})
USING INDEX SEEK k:AccessKey(id)
WITH k, datetime.fromEpoch(row.used_s, row.used_ns) AS used_at
WHERE k.last_used_at IS NULL OR k.last_used_at < used_at
SET k.last_used_at = used_at
