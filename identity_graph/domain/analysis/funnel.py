"""Funnels: how far customers come in steps one after the other.

A step is an event condition of segments. How far somebody came is what a sequence of segments says of the first steps, so those
who dropped out are a segment.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from identity_graph.domain.analysis.journeys import Dimension
from identity_graph.domain.profiles.claims import Order as Position
from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.computing import find_property
from identity_graph.domain.segments.comparing import is_blank
from identity_graph.domain.segments.event_leaves import Matcher
from identity_graph.domain.segments.rule_tree import (
    All,
    EventRule,
    Moment,
    Not,
    Operator,
    PropertyRule,
    Rule,
    SequenceRule,
    Span,
    Timing,
)
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms
from identity_graph.domain.values.observations import Instant


@dataclass(frozen=True, kw_only=True)
class FunnelQuery:
    """What is asked: the steps, within which time of the first of them, and by what to break down.

    ``same`` are properties that have one value in all events. ``start`` and ``end`` bound the first step. ``trait`` and ``by``
    break down; at most one of them is there.
    """

    steps: tuple[EventRule, ...]
    within: Span
    same: tuple[str, ...] = ()
    start: Moment | None = None
    end: Moment | None = None
    by: Dimension | None = None
    trait: str | None = None
    first: int = 20
    segment: str | None = None

    @property
    def bounded_steps(self) -> tuple[EventRule, ...]:
        """The steps, of which the first one is bounded in time."""
        first, *rest = self.steps
        if self.start is not None or self.end is not None:
            first = replace(first, timing=Timing(start=self.start, end=self.end))
        return first, *rest


class Attempt(NamedTuple):
    """The furthest that a customer came: the event of each step that was reached, at least the first.

    ``is_open``: the time since a first step is not over, so that the customer may still come further.
    """

    events: tuple[EventFact, ...]
    is_open: bool


class FunnelLook:
    """Looks at customers, one by one."""

    def __init__(self, query: FunnelQuery, terms: Terms, now: Instant) -> None:
        self._steps = query.bounded_steps
        self._same = query.same
        self._span = query.within.micros
        self._terms = terms
        self._now = now

    def find(self, sheet: FactSheet) -> Attempt | None:
        """Find the attempt in which a customer came furthest, of several the first; None of who did not begin."""
        first, *rest = (self._group(Matcher(step, sheet, self._terms).matching(self._now)) for step in self._steps)
        begun = sorted((event.order, shared, event) for shared, (_, own) in first.items() for event in own)
        best: tuple[EventFact, ...] = ()
        for _, shared, event in begun:
            reached = self._follow(rest, shared, event)
            if len(reached) > len(best):
                best = reached
            if len(best) == len(self._steps):
                break
        if not best:
            return None
        may_go_on = self._now < begun[-1][0][0] + self._span
        return Attempt(best, is_open=may_go_on and len(best) < len(self._steps))

    def _follow(self, steps: Sequence["_Groups"], shared: tuple[str, ...], begun: EventFact) -> tuple[EventFact, ...]:
        """Take for each step the earliest event that may follow: no other choice comes further."""
        end = begun.at + self._span
        reached = [begun]
        for groups in steps:
            orders, events = groups.get(shared, ((), ()))
            index = bisect_right(orders, reached[-1].order)
            if index == len(orders) or orders[index][0] >= end:
                break
            reached.append(events[index])
        return tuple(reached)

    def _group(self, events: Sequence[EventFact]) -> "_Groups":
        """Group events by the properties that must be the same; one that lacks any of them fits nowhere."""
        groups: dict[tuple[str, ...], tuple[list[Position], list[EventFact]]] = {}
        for event in events:
            said = [find_property(event.properties, name) for name in self._same]
            if not any(is_blank(value) for value in said):
                orders, own = groups.setdefault(tuple(text_of(value) for value in said), ([], []))
                orders.append(event.order)
                own.append(event)
        return groups


_Groups = dict[tuple[str, ...], tuple[list[Position], list[EventFact]]]


def reached_rule(query: FunnelQuery, step: int) -> Rule:
    """Give the rule of a segment: who reached a step, of which the first is 1."""
    steps = query.bounded_steps[:step]
    if step == 1:
        known = tuple(PropertyRule(name=name, op=Operator.EXISTS) for name in query.same)
        return replace(steps[0], where=(*steps[0].where, *known))
    return SequenceRule(steps=steps, within=query.within, same=query.same)


def dropped_rule(query: FunnelQuery, step: int) -> Rule:
    """Give the rule of a segment: who reached a step and not the next one."""
    return All((reached_rule(query, step), Not(reached_rule(query, step + 1))))
