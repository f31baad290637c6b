// Lock a destination and read what signs for it.
MATCH (d:Destination {id: $id})
USING INDEX SEEK d:Destination(id)
REMOVE d.locked
RETURN d.secret AS secret, coalesce(d.former_secrets, []) AS former_secrets, coalesce(d.former_until, []) AS former_until
