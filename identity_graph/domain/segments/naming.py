"""Names instead of ids: a rule names other segments by their ids, and people know them by their names."""

from collections.abc import Mapping
from dataclasses import replace

from identity_graph.domain.segments.rule_tree import All, AnyOf, Not, Rule, SegmentRule


def name_segments(rule: Rule, names: Mapping[str, str]) -> Rule:
    """Put the names of segments in the place of their ids, for sentences; an id without a name stays."""
    match rule:
        case All() | AnyOf():
            return replace(rule, rules=tuple(name_segments(one, names) for one in rule.rules))
        case Not():
            return Not(name_segments(rule.rule, names))
        case SegmentRule():
            return SegmentRule(names.get(rule.segment, rule.segment))
        case _:
            return rule
