// The secret of a name, kept when there is none yet.
MERGE (s:AccessSecret {name: $name})
ON CREATE SET s.secret = $secret
RETURN s.secret AS secret
