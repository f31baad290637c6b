// Delete links of which no evidence is left.
UNWIND $refs AS ref
MATCH ()-[link:OBSERVED_WITH]->() WHERE elementId(link) = ref
DELETE link
