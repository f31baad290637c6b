// How many judgements there are, withdrawn ones too, read off the count store: mostly none.
MATCH (j:Judgement)
RETURN count(j) AS total
