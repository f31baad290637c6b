// Which of these pairs, smaller key first, were observed together before.
UNWIND $pairs AS pair
MATCH (a:Identifier {key: pair[0]})
MATCH (b:Identifier {key: pair[1]})
MATCH (a)-[link:OBSERVED_WITH]->(b)
RETURN a.key AS a, b.key AS b,
  link.first_seen.epochSeconds * 1000000 + link.first_seen.microsecond AS first_seen,
  link.last_seen.epochSeconds * 1000000 + link.last_seen.microsecond AS last_seen,
  link.count AS observation_count, link.sources AS sources
