// How many events, customers and identifiers there are, read off the count store.
MATCH (e:Event)
WITH count(e) AS events
RETURN events, COUNT { (:Customer) } - COUNT { (:Former) } AS customers, COUNT { (:Identifier) } AS identifiers
