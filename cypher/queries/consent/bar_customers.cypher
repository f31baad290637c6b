// Give the labels of bars to the customers of the identifiers that have them, and take them from all others; tells whose changed.
// A restriction also says since when it holds and for which request. Without bars there is nothing to look at.
CALL () {
  MATCH (b:Bar)<-[:GAVE]-(:Identifier)-[:BELONGS_TO]->(c:Customer)
  USING INDEX SEEK b:Bar(subject)
  WHERE b.subject = 'bar:RESTRICTED' AND b.state = 'GRANTED'
  WITH c, b ORDER BY b.at, b.message_id
  WITH c, head(collect(b)) AS b
  WHERE NOT c:Restricted OR c.restricted_at <> b.at OR c.restricted_by <> b.message_id
  SET c:Restricted, c.restricted_at = b.at, c.restricted_by = b.message_id
  RETURN c
  UNION ALL
  MATCH (c:Restricted)
  USING INDEX SEEK c:Restricted(id)
  WHERE c.id > '' AND NOT EXISTS {
    MATCH (c)<-[:BELONGS_TO]-(:Identifier)-[:GAVE]->(b:Bar) WHERE b.subject = 'bar:RESTRICTED' AND b.state = 'GRANTED'
  }
  REMOVE c:Restricted, c.restricted_at, c.restricted_by
  RETURN c
  UNION ALL
  MATCH (b:Bar)<-[:GAVE]-(:Identifier)-[:BELONGS_TO]->(c:Customer)
  USING INDEX SEEK b:Bar(subject)
  WHERE b.subject = 'bar:DECEASED' AND b.state = 'GRANTED' AND NOT c:Deceased
  WITH DISTINCT c
  SET c:Deceased
  RETURN c
  UNION ALL
  MATCH (c:Deceased)
  USING INDEX SEEK c:Deceased(id)
  WHERE c.id > '' AND NOT EXISTS {
    MATCH (c)<-[:BELONGS_TO]-(:Identifier)-[:GAVE]->(b:Bar) WHERE b.subject = 'bar:DECEASED' AND b.state = 'GRANTED'
  }
  REMOVE c:Deceased
  RETURN c
}
RETURN DISTINCT c.id AS customer_id
