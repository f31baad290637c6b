// Which of these identifiers are quarantined, since when, and with how many they were seen.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
WHERE i.quarantined IS NOT NULL
WITH i, coalesce(i.quarantined_at, i.last_seen) AS at
RETURN i.key AS key, i.partners AS partners, instant(at) AS at
