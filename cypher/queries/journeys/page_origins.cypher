// A page of all events by id, with all that their channels and campaigns follow from, as these are now, and who was seen in them.
MATCH (e:Event)
USING INDEX SEEK e:Event(id)
WHERE e.id > $after
WITH e ORDER BY e.id LIMIT $limit
RETURN e.id AS id, e.source AS source, e.type AS type, e.context AS context, e.properties AS properties,
  e.channel AS channel, e.former_channel AS former_channel,
  [e.campaign_source, e.campaign_medium, e.campaign_name, e.campaign_term, e.campaign_content, e.click_id,
    e.click_id_name] AS campaign,
  COLLECT { MATCH (e)-[:OBSERVED]->(i:Identifier) RETURN i.key } AS keys
