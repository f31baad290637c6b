// What there is to do for segments: the versions of all that decides, whether customers wait or are due, and where the evaluation stands.
// plan: CartesianProduct because every part gives one row.
CALL () { MATCH (r:RuleSet) WHERE r.version > 0 RETURN r.version AS rule_version, r.status AS rule_status ORDER BY r.version DESC LIMIT 1 }
RETURN rule_version, rule_status,
  head(COLLECT { MATCH (c:Catalogue) WHERE c.version > 0 RETURN [toString(c.version), c.status] ORDER BY c.version DESC LIMIT 1 }) AS catalogue,
  coalesce(head(COLLECT { MATCH (f:RfmCut) WHERE f.version > 0 RETURN f.version ORDER BY f.version DESC LIMIT 1 }), 0) AS cut_version,
  coalesce(head(COLLECT { MATCH (s:Sequence {name: 'segments'}) USING INDEX SEEK s:Sequence(name) RETURN s.last }), 0) AS segments_version,
  EXISTS { MATCH (c:Customer) WHERE c.waiting_since IS NOT NULL } AS is_waiting,
  EXISTS { MATCH (m:SegmentMembership) WHERE m.due_at <= datetime.fromEpoch($now_s, $now_ns) } AS is_due,
  EXISTS { MATCH (g:Segment) WHERE g.id >= '' AND g.edition > 0 AND (g.state <> 'LIVE' OR g.rule <> g.live_rule OR g.audience <> g.live_audience) } AS is_walking,
  head(COLLECT {
    MATCH (e:SegmentEvaluation {name: 'segments'})
    USING INDEX SEEK e:SegmentEvaluation(name)
    RETURN {terms: e.terms, sweep: e.sweep, cursor: e.cursor, stale: coalesce(e.stale, [])}
  }) AS evaluation
