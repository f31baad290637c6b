// Judgements: what people declared about identifiers, and whether it still counts
// plan: NodeByLabelScan because people say little
MATCH (j:Judgement)
RETURN j.at AS at, j.verdict AS verdict, j.a AS of, j.b AS and_of, j.until AS until, j.actor AS who, j.reason AS why,
  j.withdrawn_at AS withdrawn
ORDER BY at DESC LIMIT 100
