// How many identifiers of each namespace are quarantined.
MATCH (i:Identifier)
USING INDEX i:Identifier(quarantined_at)
WHERE i.quarantined_at IS NOT NULL
RETURN i.namespace AS namespace, count(*) AS identifiers
ORDER BY namespace
