// Leave of the traits that events say what may stay.
UNWIND $rows AS row
MATCH (e:Event {id: row.id})
USING INDEX SEEK e:Event(id)
SET e.traits = row.traits
