// Write channels and campaigns of events, and the channels of sessions that begin with them.
UNWIND $rows AS row
MATCH (e:Event {id: row.id})
USING INDEX SEEK e:Event(id)
SET e.channel = row.channel, e.campaign_source = row.campaign[0], e.campaign_medium = row.campaign[1],
  e.campaign_name = row.campaign[2], e.campaign_term = row.campaign[3], e.campaign_content = row.campaign[4],
  e.click_id = row.campaign[5], e.click_id_name = row.campaign[6]
WITH e
MATCH (e)-[:IN]->(s:Session)
WHERE s.id = 'ses_' + substring(e.id, 4)
SET s.channel = e.channel
