// How many customers there are, read off the count store.
MATCH (c:Customer)
WITH count(c) AS all_customers
RETURN all_customers - COUNT { (:Former) } - COUNT { (:Restricted) } AS customers
