// Keep a destination as it is given; it is switched on. A secret that is not given stays.
MERGE (d:Destination {id: $id})
ON CREATE SET d.created_at = datetime.fromEpoch($at_s, $at_ns)
SET d.name = $name, d.url = $url, d.segments = $segments, d.kinds = $kinds, d.reentry = $reentry, d.cool_down = $cool_down,
  d.initial = CASE WHEN $initial THEN true END, d.region = $region, d.channel = $channel, d.change_position = $change_position,
  d.secret = $secret, d.former_secrets = $former_secrets, d.former_until = $former_until,
  d.updated_at = datetime.fromEpoch($at_s, $at_ns), d.disabled_at = null, d.disabled_reason = null
