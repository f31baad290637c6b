"""Segments that use others: in which order they are evaluated, and cycles, which there must not be."""

from collections.abc import Mapping

from identity_graph.domain.segments.rule_tree import Rule, SegmentRule
from identity_graph.domain.segments.walking import places_of


def segments_used(rule: Rule) -> tuple[str, ...]:
    """List the ids of the segments that a rule uses, each once."""
    return tuple(dict.fromkeys(one.segment for _, one in places_of(rule) if isinstance(one, SegmentRule)))


def find_cycle(segment: str, rules: Mapping[str, Rule]) -> list[str] | None:
    """Find the way on which a segment depends on itself, its id first and last; None when it does not."""
    before: dict[str, str] = {}
    waiting = [segment]
    while waiting:
        current = waiting.pop()
        for used in segments_used(rules[current]) if current in rules else ():
            if used == segment:
                way = [current]
                while way[-1] != segment:
                    way.append(before[way[-1]])
                return [*reversed(way), segment]
            if used not in before:
                before[used] = current
                waiting.append(used)
    return None


def users_of(segment: str, rules: Mapping[str, Rule]) -> list[str]:
    """List the segments that use one directly."""
    return sorted(id for id, rule in rules.items() if segment in segments_used(rule))


def in_order(rules: Mapping[str, Rule]) -> list[str]:
    """List the ids of segments so that each one comes after all that it uses; there must be no cycle."""
    ordered: dict[str, None] = {}

    def visit(segment: str) -> None:
        for used in segments_used(rules[segment]):
            if used in rules and used not in ordered:
                visit(used)
        ordered[segment] = None

    for segment in sorted(rules):
        if segment not in ordered:
            visit(segment)
    return list(ordered)
