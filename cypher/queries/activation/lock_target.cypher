// Lock a destination, so that one after the other takes what is due for it, and read where its messages go and what signs
// them; nothing while it is switched off.
MATCH (t:Destination {id: $id})
USING INDEX SEEK t:Destination(id)
REMOVE t.locked
WITH t
WHERE t.disabled_at IS NULL
RETURN t.url AS url, t.secret AS secret, coalesce(t.former_secrets, []) AS former_secrets,
  coalesce(t.former_until, []) AS former_until, t.region AS region, t.channel AS channel
