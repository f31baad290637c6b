// What destinations were last told of customers and segments.
UNWIND $keys AS key
MATCH (t:ToldEntry {key: key})
USING INDEX SEEK t:ToldEntry(key)
RETURN t.key AS key, t.number AS number, instant(t.entered_at) AS entered_at, coalesce(t.inside, false) AS inside
