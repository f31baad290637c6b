// What bars the use of data has a label of its own, so that its absence costs nothing.
CREATE INDEX bar_subject IF NOT EXISTS FOR (n:Bar) ON (n.subject);
CREATE INDEX restricted_id IF NOT EXISTS FOR (n:Restricted) ON (n.id);
CREATE INDEX deceased_id IF NOT EXISTS FOR (n:Deceased) ON (n.id);

MATCH (k:Consent) WHERE k.subject STARTS WITH 'bar:' SET k:Bar;
