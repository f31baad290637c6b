// Write why links are refused; without a witness they hold, or an end is quarantined.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $rows AS row
MATCH (a:Identifier {key: row.a})
USING INDEX SEEK a:Identifier(key)
MATCH (b:Identifier {key: row.b})
USING INDEX SEEK b:Identifier(key)
CALL (a, b) {
  MATCH (a)-[link:OBSERVED_WITH]->(b)
  RETURN link
}
SET link.witness = row.witness,
  link.refused_at = CASE WHEN row.witness IS NOT NULL THEN coalesce(link.refused_at, datetime.fromEpoch($at_s, $at_ns)) END
