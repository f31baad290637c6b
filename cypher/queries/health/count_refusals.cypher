// How many links are refused, by code. Links of quarantined identifiers are not among them.
MATCH (a:Identifier)-[l:OBSERVED_WITH]->(b:Identifier)
USING INDEX l:OBSERVED_WITH(refused_at)
WHERE l.refused_at IS NOT NULL
MATCH (a)-[:BELONGS_TO]->(mine:Customer)
MATCH (b)-[:BELONGS_TO]->(theirs:Customer)
WITH CASE
       WHEN coalesce(a.ambiguous, false) OR coalesce(b.ambiguous, false) THEN 'ambiguous_owner'
       WHEN mine.judged AND theirs.judged AND EXISTS {
         MATCH (mine)<-[:BELONGS_TO]-(judged:Identifier)
         WHERE judged.judged
         MATCH (j:Judgement)
         USING INDEX SEEK j:Judgement(key_a)
         WHERE j.key_a = judged.key AND j.verdict = 'different' AND j.withdrawn_at IS NULL
         MATCH (identifier:Identifier {key: j.key_b})-[:BELONGS_TO]->(theirs)
         USING INDEX SEEK identifier:Identifier(key)
         RETURN j
         UNION
         MATCH (mine)<-[:BELONGS_TO]-(judged:Identifier)
         WHERE judged.judged
         MATCH (j:Judgement)
         USING INDEX SEEK j:Judgement(key_b)
         WHERE j.key_b = judged.key AND j.verdict = 'different' AND j.withdrawn_at IS NULL
         MATCH (identifier:Identifier {key: j.key_a})-[:BELONGS_TO]->(theirs)
         USING INDEX SEEK identifier:Identifier(key)
         RETURN j
       } THEN 'judged_different'
       WHEN mine.size + theirs.size > $max_identifiers THEN 'customer_full'
       ELSE 'limit_exceeded'
     END AS code
RETURN code, count(*) AS violations
ORDER BY code
