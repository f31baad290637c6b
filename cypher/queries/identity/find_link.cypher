// When two identifiers, the one with the smaller key first, were observed together, if they still are linked.
OPTIONAL MATCH (a:Identifier {key: $a})
USING INDEX SEEK a:Identifier(key)
OPTIONAL MATCH (b:Identifier {key: $b})
USING INDEX SEEK b:Identifier(key)
// In a call of its own both ends are bound, so the one with fewer links is expanded: the other may have thousands.
CALL (a, b) {
  OPTIONAL MATCH (a)-[link:OBSERVED_WITH]->(b)
  RETURN link
}
RETURN instant(link.first_seen) AS first_seen
