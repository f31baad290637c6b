// A page of the quarantined identifiers, those quarantined last first.
MATCH (i:Identifier)
USING INDEX SEEK i:Identifier(quarantined_at)
WHERE i.quarantined_at <= datetime($before)
WITH i, i.quarantined_at AS at
WHERE (at < datetime($before) OR i.key < $before_id)
  AND (NOT EXISTS { (i)-[:BELONGS_TO]->(:Restricted) })
WITH i, at ORDER BY at DESC, i.key DESC LIMIT $limit
MATCH (i)-[:BELONGS_TO]->(c:Customer)
RETURN i.key AS id,
       instant(at) AS quarantined_at,
       i.partners AS partners,
       coalesce(c.rule_version, 1) AS rule_version
ORDER BY at DESC, id DESC
