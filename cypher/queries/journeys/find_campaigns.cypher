// What brought people to touchpoints, as far as anything did.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
RETURN e.id AS id, e.campaign_source AS source, e.campaign_medium AS medium, e.campaign_name AS name,
  e.campaign_term AS term, e.campaign_content AS content, e.click_id AS click_id, e.click_id_name AS click_id_name
