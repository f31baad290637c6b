// A page of the imports of files with columns that their mapping does not name, the latest first.
MATCH (i:Import)
USING INDEX SEEK i:Import(updated_at)
WHERE i.updated_at <= datetime($before) AND size(coalesce(i.unused_columns, [])) > 0
  AND CASE WHEN i.updated_at = datetime($before) THEN i.key < $before_key ELSE true END
WITH i ORDER BY i.updated_at DESC, i.key DESC LIMIT $limit
RETURN i.key AS key, i.file AS file, i.source AS source, i.unused_columns AS columns, instant(i.updated_at) AS at
ORDER BY i.updated_at DESC, key DESC
