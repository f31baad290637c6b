// Which of these pairs of identifiers, the one with the smaller key first, were observed together before.
// plan: CartesianProduct because each row seeks two nodes that nothing else connects yet: one times one.
UNWIND $pairs AS pair
MATCH (a:Identifier) WHERE elementId(a) = pair[0]
MATCH (b:Identifier) WHERE elementId(b) = pair[1]
// In a call of its own both ends are bound, so the one with fewer links is expanded: the other may have thousands.
CALL (a, b) {
  MATCH (a)-[link:OBSERVED_WITH]->(b)
  RETURN link
}
RETURN a.key AS a, b.key AS b, elementId(link) AS ref,
  instant(link.first_seen) AS first_seen,
  instant(link.last_seen) AS last_seen,
  link.count AS observation_count, link.sources AS sources
