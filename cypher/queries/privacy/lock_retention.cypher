// Take the turn of retention, unless another process has it, and read how far it is.
MERGE (r:Retention {name: 'retention'})
ON CREATE SET r.holder = '', r.leased_until = datetime({epochSeconds: 0}), r.state = '{}'
REMOVE r.locked
WITH r
WHERE r.holder = $holder OR r.leased_until < datetime.realtime()
SET r.holder = $holder, r.leased_until = datetime.realtime() + duration({seconds: $seconds})
RETURN r.state AS state
