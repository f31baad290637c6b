// Delete what events say, but who was seen in them, what they say of consents, and their channel, which sessions go by.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
SET e.name = $name, e.emptied_at = datetime.fromEpoch($at_s, $at_ns), e.former_channel = e.channel
REMOVE e.properties, e.context, e.campaign_source, e.campaign_medium, e.campaign_name, e.campaign_term, e.campaign_content,
  e.click_id, e.click_id_name, e.exposed_at
WITH DISTINCT id
MATCH (a:AlertCandidate {id: id})
USING INDEX SEEK a:AlertCandidate(id)
DELETE a
