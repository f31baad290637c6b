// Write new events as they came, with the identifiers seen in them and the session they belong to.
UNWIND $rows AS row
CREATE (e:Event {
  id: row.id, source: row.source, message_id: row.message_id, type: row.type, name: row.name,
  occurred_at: datetime.fromEpoch(row.occurred_s, row.occurred_ns),
  received_at: datetime.fromEpoch(row.received_s, row.received_ns),
  channel: row.channel, identifiers: row.identifiers, ignored: row.ignored,
  exposed_at: CASE WHEN row.name = 'Experiment Viewed' THEN datetime.fromEpoch(row.occurred_s, row.occurred_ns) END,
  ignored_at: CASE WHEN row.ignored IS NOT NULL THEN datetime.fromEpoch(row.received_s, row.received_ns) END,
  properties: row.properties, traits: row.traits, context: row.context, owner: row.owner,
  campaign_source: row.campaign[0], campaign_medium: row.campaign[1], campaign_name: row.campaign[2],
  campaign_term: row.campaign[3], campaign_content: row.campaign[4],
  click_id: row.campaign[5], click_id_name: row.campaign[6], consents: row.consents
})
WITH e, row
CALL (e, row) {
  UNWIND row.observed AS ref
  MATCH (i:Identifier) WHERE elementId(i) = ref
  CREATE (e)-[:OBSERVED]->(i)
}
CALL (e, row) {
  MATCH (s:Session) WHERE elementId(s) = row.session
  CREATE (e)-[:IN]->(s)
}
