// Put another secret in the place of one; former ones sign until their time is over.
MATCH (d:Destination {id: $id})
USING INDEX SEEK d:Destination(id)
SET d.secret = $secret, d.former_secrets = $former_secrets, d.former_until = $former_until
