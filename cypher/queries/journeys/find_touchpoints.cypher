// Touchpoints by their ids, each with its session where it has one.
UNWIND $ids AS asked_id
MATCH (e:Event {id: asked_id})
USING INDEX SEEK e:Event(id)
WHERE NOT EXISTS { (e)-[:OBSERVED]->(:Identifier)-[:BELONGS_TO]->(:Restricted) }
OPTIONAL MATCH (e)-[:IN]->(s:Session)
RETURN e.id AS id,
       e.type AS type,
       CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name,
       instant(e.occurred_at) AS occurred_at,
       instant(e.received_at) AS received_at,
       e.channel AS channel,
       e.source AS source,
       e.properties AS properties,
       s.id AS session_id,
       instant(s.started_at) AS session_started_at,
       instant(s.ended_at) AS session_ended_at,
       s.channel AS session_channel,
       s.first_source AS session_source,
       s.touchpoint_count AS session_touchpoint_count
