// Delete the traits of these identifiers beyond as many as one may have: those said longest ago.
UNWIND $identifiers AS ref
MATCH (i:Identifier) WHERE elementId(i) = ref
WITH i WHERE COUNT { (i)-[:HAS_TRAIT]->() } > $most
CALL (i) {
  MATCH (i)-[:HAS_TRAIT]->(t:Trait)
  WITH t ORDER BY t.observed_at DESC, t.source DESC, t.message_id DESC, t.name SKIP $most
  DETACH DELETE t
  RETURN count(*) AS dropped
}
RETURN sum(dropped) AS dropped
