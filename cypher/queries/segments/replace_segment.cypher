// Write what a segment is from now on. Its members stay those of its former rule until everybody is evaluated.
MATCH (s:Segment {id: $id})
USING INDEX SEEK s:Segment(id)
SET s.name = $name, s.description = $description, s.rule = $rule, s.audience = $audience, s.purpose = $purpose,
  s.version = s.version + 1, s.updated_at = datetime.fromEpoch($at_s, $at_ns)
