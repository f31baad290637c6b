// When two identifiers, the one with the smaller key first, were observed together, if they still are linked.
OPTIONAL MATCH (:Identifier {key: $a})-[link:OBSERVED_WITH]->(:Identifier {key: $b})
RETURN link.first_seen.epochSeconds * 1000000 + link.first_seen.microsecond AS first_seen
