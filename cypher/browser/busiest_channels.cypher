// Busiest channels: how many visits and customers came through each
// guide: Journeys
// plan: NodeByLabelScan because it counts every visit
MATCH (s:Session)-[:OF]->(:Identifier)-[:BELONGS_TO]->(c:Customer)
RETURN s.channel AS channel, count(s) AS visits, count(DISTINCT c) AS customers
ORDER BY visits DESC
