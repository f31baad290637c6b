// A page of the refused links, those refused last first. Links of quarantined identifiers have no refused_at.
// The index gives them in this order; at each moment, which is one commit, they are sorted by their keys.
MATCH (a:Identifier)-[l:OBSERVED_WITH]->(b:Identifier)
USING INDEX SEEK l:OBSERVED_WITH(refused_at)
WHERE l.refused_at <= datetime($before)
WITH l, a, b, l.refused_at AS at, a.key + '\n' + b.key AS id
WHERE at < datetime($before) OR id < $before_id
MATCH (a)-[:BELONGS_TO]->(mine:Customer)
MATCH (b)-[:BELONGS_TO]->(theirs:Customer)
WITH l, a, b, at, id, mine, theirs,
     CASE
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
WHERE ($code IS NULL OR code = $code) AND NOT mine:Restricted AND NOT theirs:Restricted
WITH * ORDER BY at DESC, id DESC LIMIT $limit
RETURN id,
       instant(at) AS refused_at,
       code,
       a.key AS a,
       b.key AS b,
       coalesce(a.ambiguous, false) AS a_ambiguous,
       mine.counts AS counts_a,
       theirs.counts AS counts_b,
       mine.size AS size_a,
       theirs.size AS size_b,
       coalesce(mine.rule_version, 1) AS rule_version_a,
       coalesce(theirs.rule_version, 1) AS rule_version_b
ORDER BY at DESC, id DESC
