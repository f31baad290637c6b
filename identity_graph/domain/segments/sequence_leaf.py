"""Conditions on events one after the other.

The span counts from the first of them. With ``without``, the answer is known when the span is over: then nothing can come any
more that is forbidden in it.
"""

from bisect import bisect_right
from collections.abc import Iterator

from identity_graph.domain.profiles.claims import Order as Position
from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.computing import find_property
from identity_graph.domain.segments.comparing import is_blank
from identity_graph.domain.segments.event_leaves import Matcher
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.rule_tree import SequenceRule
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant

_Shared = tuple[str, ...]


class SequenceLeaf:
    """Whether some choice of events fits."""

    def __init__(self, rule: SequenceRule, sheet: FactSheet, terms: Terms) -> None:
        self._steps = [Matcher(step, sheet, terms) for step in rule.steps]
        self._without = None if rule.without is None else Matcher(rule.without, sheet, terms)
        self._span = rule.within.micros
        self._same = rule.same
        self._firsts = [event.at for event in sheet.events_of(rule.steps[0].event)]

    def look(self, at: Instant) -> Look:
        """Look for the choice whose first event is the latest, and give the time of that."""
        first, *rest = (self._group(step.matching(at)) for step in self._steps)
        barred = {} if self._without is None else self._group(self._without.matching(at))
        begun = sorted(((position, shared) for shared, own in first.items() for position in own), reverse=True)
        for position, shared in begun:
            end = position[0] + self._span
            if self._without is not None and (at < end or _follows(barred, shared, position, end) is not None):
                continue
            if self._continues(rest, shared, position, end):
                return Look(holds=True, actual=format_instant(position[0]))
        return Look(holds=False)

    def moments(self, after: Instant) -> Iterator[Instant]:
        """Give the moments at which events begin or cease to count, and at which spans are over."""
        for matcher in self._steps if self._without is None else (*self._steps, self._without):
            yield from matcher.moments(after)
        if self._without is not None:
            yield from (first + self._span for first in self._firsts)

    def _continues(
        self, steps: list[dict[_Shared, list[Position]]], shared: _Shared, position: Position, end: Instant
    ) -> bool:
        """Take for each step the earliest event that may follow: if any choice fits, this one does."""
        last: Position | None = position
        for step in steps:
            last = _follows(step, shared, last, end)
            if last is None:
                return False
        return True

    def _group(self, events: list[EventFact]) -> dict[_Shared, list[Position]]:
        """Group events by the properties that must be the same; one that lacks any of them fits nowhere."""
        groups: dict[_Shared, list[Position]] = {}
        for event in events:
            said = [find_property(event.properties, name) for name in self._same]
            if not any(is_blank(value) for value in said):
                groups.setdefault(tuple(text_of(value) for value in said), []).append(event.order)
        return groups


def _follows(
    groups: dict[_Shared, list[Position]], shared: _Shared, position: Position, end: Instant
) -> Position | None:
    """Find the earliest event after another, and before the end."""
    own = groups.get(shared, [])
    index = bisect_right(own, position)
    return own[index] if index < len(own) and own[index][0] < end else None
