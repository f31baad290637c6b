// Note under which terms everybody was evaluated, or is being evaluated, up to which customer.
MATCH (e:SegmentEvaluation {name: 'segments'})
USING INDEX SEEK e:SegmentEvaluation(name)
SET e.terms = $terms, e.sweep = $sweep, e.cursor = $cursor
