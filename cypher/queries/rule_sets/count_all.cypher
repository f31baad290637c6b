// How many events, customers and identifiers there are, read off the count store.
CALL () {
  MATCH (e:Event)
  RETURN count(e) AS events
}
CALL () {
  MATCH (c:Customer)
  RETURN count(c) AS customers
}
CALL () {
  MATCH (i:Identifier)
  RETURN count(i) AS identifiers
}
RETURN events, customers - COUNT { (:Former) } AS customers, identifiers
