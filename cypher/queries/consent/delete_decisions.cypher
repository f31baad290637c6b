// Delete decisions on consents that no statement makes any more.
UNWIND $ids AS id
MATCH (k:Consent {id: id})
USING INDEX SEEK k:Consent(id)
DETACH DELETE k
