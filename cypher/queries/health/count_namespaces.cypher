// How many identifiers each namespace has, and in how many events they were seen.
// plan: NodeByLabelScan because it counts all identifiers, in bounded memory; identity health asks once a minute at most.
MATCH (i:Identifier)
RETURN i.namespace AS namespace,
       count(*) AS identifiers,
       sum(COUNT { (i)<-[:OBSERVED]-() }) AS observations
ORDER BY namespace
