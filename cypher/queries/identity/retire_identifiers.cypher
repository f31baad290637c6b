// Identifiers of which no evidence is left are none any more; who they were is remembered, under a label of its own.
UNWIND $refs AS ref
MATCH (i:Identifier)-[old:BELONGS_TO]->(c:Customer) WHERE elementId(i) = ref
WITH i, old, c, head([name IN labels(i) WHERE name <> 'Identifier']) AS label
CREATE (i)-[:BELONGED_TO {since: old.since, until: datetime.fromEpoch($at_s, $at_ns)}]->(c)
DELETE old
SET i:FormerIdentifier, i.label = label
REMOVE i:Identifier:$(label), i.partners, i.crowding, i.quarantined, i.quarantined_at, i.ambiguous, i.judged, i.overruled
WITH i
CALL (i) {
  MATCH (i)-[:HAS_TRAIT]->(t:Trait)
  DETACH DELETE t
}
CALL (i) {
  MATCH (i)-[:GAVE]->(k:Consent)
  DETACH DELETE k
}
