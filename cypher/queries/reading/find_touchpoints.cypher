// Touchpoints by their ids, each with its session where it has one.
UNWIND $ids AS asked_id
MATCH (e:Event {id: asked_id})
USING INDEX SEEK e:Event(id)
OPTIONAL MATCH (e)-[:IN]->(s:Session)
RETURN e.id AS id,
       e.type AS type,
       CASE WHEN coalesce(e.name, '') = '' THEN e.type ELSE e.name END AS name,
       e.occurred_at.epochSeconds * 1000000 + e.occurred_at.microsecond AS occurred_at,
       e.received_at.epochSeconds * 1000000 + e.received_at.microsecond AS received_at,
       e.channel AS channel,
       e.source AS source,
       e.properties AS properties,
       s.id AS session_id,
       s.started_at.epochSeconds * 1000000 + s.started_at.microsecond AS session_started_at,
       s.ended_at.epochSeconds * 1000000 + s.ended_at.microsecond AS session_ended_at,
       s.channel AS session_channel,
       s.touchpoint_count AS session_touchpoint_count
