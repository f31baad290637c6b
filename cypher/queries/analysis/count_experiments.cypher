// How many experiments there are.
MATCH (x:Experiment)
RETURN count(x) AS experiments
