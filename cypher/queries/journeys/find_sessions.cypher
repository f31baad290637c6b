// Sessions by their ids, each with the identifier that owns it.
UNWIND $ids AS asked_id
MATCH (s:Session {id: asked_id})-[:OF]->(i:Identifier)
USING INDEX SEEK s:Session(id)
WHERE NOT EXISTS { (i)-[:BELONGS_TO]->(:Restricted) }
RETURN s.id AS id,
       instant(s.started_at) AS started_at,
       instant(s.ended_at) AS ended_at,
       s.channel AS channel,
       s.first_source AS source,
       s.touchpoint_count AS touchpoint_count,
       i.key AS owner_key
