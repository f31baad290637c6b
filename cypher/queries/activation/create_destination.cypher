// Keep a new destination.
CREATE (:Destination {
  id: $id, name: $name, url: $url, secret: $secret, segments: $segments, kinds: $kinds, reentry: $reentry,
  cool_down: $cool_down, initial: CASE WHEN $initial THEN true END, region: $region,
  created_at: datetime.fromEpoch($at_s, $at_ns), updated_at: datetime.fromEpoch($at_s, $at_ns)
})
