// Delete all that people said about these keys, and tell whom else it was about.
UNWIND $keys AS key
CALL (key) {
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_a)
  WHERE j.key_a = key
  RETURN j
  UNION
  MATCH (j:Judgement)
  USING INDEX SEEK j:Judgement(key_b)
  WHERE j.key_b = key
  RETURN j
}
WITH DISTINCT j, j.key_a AS a, j.key_b AS b
DELETE j
WITH DISTINCT a, b
RETURN a, b
