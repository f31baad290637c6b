// Note events that rules of alerts may be about.
UNWIND $ids AS id
MERGE (c:AlertCandidate {id: id})
