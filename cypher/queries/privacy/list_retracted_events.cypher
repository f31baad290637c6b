// The events that were taken back, as they came: they belong to nobody, and may still name somebody.
MATCH (e:Event)
WHERE e.retracted_at IS NOT NULL
RETURN e.id AS id, e.identifiers AS identifiers
