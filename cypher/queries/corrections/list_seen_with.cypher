// With which others these identifiers were observed within a span of time, whether that links them or not.
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})<-[:OBSERVED]-(e:Event)
USING INDEX SEEK i:Identifier(key)
WHERE e.occurred_at <= datetime.fromEpoch(row.until_s, row.until_ns)
  AND (row.since_s IS NULL OR e.occurred_at > datetime.fromEpoch(row.since_s, row.since_ns))
MATCH (e)-[:OBSERVED]->(other:Identifier)
WHERE other <> i
RETURN DISTINCT row.key AS key, other.key AS other
