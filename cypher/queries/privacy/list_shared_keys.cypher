// Those of some identifiers that events of others show, too; some events are left out.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
USING INDEX SEEK i:Identifier(key)
WHERE EXISTS { MATCH (i)<-[:OBSERVED]-(e:Event) WHERE NOT coalesce(e.owner, '') IN $keys AND NOT e.id IN $but }
RETURN i.key AS key
