// The steps of the schema that were applied; numbers below 1 are none.
MATCH (m:Migration)
WHERE m.version > 0
RETURN m.version AS version, m.checksum AS checksum
ORDER BY version
