// What bars the use of data has a label of its own, so that its absence costs nothing.
CREATE INDEX bar_subject IF NOT EXISTS FOR (n:Bar) ON (n.subject);

MATCH (k:Consent) WHERE k.subject STARTS WITH 'bar:' SET k:Bar;
