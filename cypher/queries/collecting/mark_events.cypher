// Set events apart for the rest of this transaction: what they say is counted anew.
UNWIND $ids AS id
MATCH (e:Event {id: id})
USING INDEX SEEK e:Event(id)
SET e.reread = true
