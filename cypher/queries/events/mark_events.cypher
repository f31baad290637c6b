// Set events apart for the rest of this transaction: what they say is counted anew.
UNWIND $ids AS id
MATCH (e:Event {id: id})
SET e.reread = true
