// Which of these identifiers are quarantined, since when, and with how many they were seen.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
WHERE i.quarantined IS NOT NULL
RETURN i.key AS key, i.partners AS partners,
  coalesce(i.quarantined_at, i.last_seen).epochSeconds * 1000000 + coalesce(i.quarantined_at, i.last_seen).microsecond AS at
