// What came of the claims of each source about each trait since a day.
MATCH (n:ClaimCount)
USING INDEX SEEK n:ClaimCount(day)
WHERE n.day >= $since
WITH n.source AS source, n.name AS name, sum(n.claims) AS claims, sum(n.deletions) AS deletions, sum(n.misfits) AS misfits,
  sum(n.unsuited) AS unsuited, sum(n.too_large) AS too_large, max(n.newest) AS latest, max(n.misfit) AS misfit
RETURN source, name, claims, deletions, misfits, unsuited, too_large, instant(latest) AS newest, misfit
ORDER BY source, name
