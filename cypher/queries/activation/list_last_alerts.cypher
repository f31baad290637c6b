// The last alert of each rule and customer.
UNWIND $abouts AS about
CALL (about) {
  MATCH (a:Alert)
  USING INDEX SEEK a:Alert(about, occurred_at)
  WHERE a.about = about AND a.occurred_at IS NOT NULL
  RETURN a ORDER BY a.about DESC, a.occurred_at DESC LIMIT 1
}
RETURN about, a.id AS id, instant(a.occurred_at) AS occurred_at
