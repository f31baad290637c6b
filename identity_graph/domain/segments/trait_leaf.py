"""Conditions on traits: those that were told, and those that are computed of events."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Protocol

from identity_graph.domain.profiles.computed_types import ComputedType
from identity_graph.domain.profiles.computing import compute
from identity_graph.domain.profiles.trait_types import TraitType, ValueType
from identity_graph.domain.profiles.trait_values import fit
from identity_graph.domain.segments.comparing import Test
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.rule_tree import RELATIVE, TraitRule
from identity_graph.domain.segments.sheet import FactSheet, Terms, TraitFact
from identity_graph.domain.segments.types import kind_of, type_of_trait
from identity_graph.domain.values.observations import Instant


class _Values(Protocol):
    """The values of a trait over time."""

    def value_at(self, at: Instant) -> Any: ...

    def points(self) -> Iterable[Instant]:
        """Give all moments at which the value may change."""
        ...


class TraitLeaf:
    """Whether the value of a trait is as a condition wants it, and has been so for long enough."""

    def __init__(self, rule: TraitRule, sheet: FactSheet, terms: Terms) -> None:
        kind = type_of_trait(rule.name, terms.catalogue)
        computed = terms.catalogue.computed.get(rule.name)
        told = sheet.traits.get(rule.name, _NEVER_TOLD)
        self._values: _Values = _Told(told, kind) if computed is None else _Computed(computed, sheet, terms)
        self._test = Test(rule.op, rule.value, kind_of(kind), terms.zone)
        self._held_for = None if rule.held_for is None else rule.held_for.micros
        self._first_seen = sheet.first_seen

    def look(self, at: Instant) -> Look:
        """Compare the value of a moment."""
        value = self._values.value_at(at)
        holds = self._test.holds(value, at)
        if holds and self._held_for is not None:
            holds = at - self._since(at) >= self._held_for
        return Look(holds, value)

    def moments(self, after: Instant) -> Iterator[Instant]:
        """Give the moments at which there is another value, has been one for long enough, or a window opens or closes."""
        points = [*self._values.points()]
        yield from points
        if self._held_for is not None:
            for point in (*points, self._first_seen):
                yield point + self._held_for
        if self._test.op in RELATIVE:
            for point in (after, *(point for point in points if point > after)):
                yield from self._test.moments(self._values.value_at(point), point)

    def _since(self, at: Instant) -> Instant:
        """Tell since when the condition has held without a break; what was there from the start, since the first visit."""
        points = sorted({point for point in self._values.points() if point <= at})
        held = at
        for point in reversed(points):
            if not self._test.holds(self._values.value_at(point), at):
                return held
            held = point
        before = points[0] - 1 if points else at
        return min(held, self._first_seen) if self._test.holds(self._values.value_at(before), at) else held


_NEVER_TOLD = TraitFact((), 0)


class _Told:
    """The values that sources told; one that does not fit the type counts as absent."""

    def __init__(self, fact: TraitFact, type: ValueType) -> None:
        self._fact = fact
        self._type = TraitType(name="", type=type)

    def value_at(self, at: Instant) -> Any:
        return fit(self._fact.value_at(at), self._type)

    def points(self) -> Iterable[Instant]:
        return (step.since for step in self._fact.steps)


class _Computed:
    """The values that the events of the customer come to."""

    def __init__(self, kind: ComputedType, sheet: FactSheet, terms: Terms) -> None:
        self._kind = kind
        self._events = [event for name in kind.events for event in sheet.events_of(name)]
        happened = [event for event in sheet.happened if event.name in kind.events]
        self._compute = lru_cache(maxsize=256)(lambda at: compute(kind, happened, at, terms.catalogue))

    def value_at(self, at: Instant) -> Any:
        return self._compute(at)

    def points(self) -> Iterable[Instant]:
        for event in self._events:
            yield event.at
            if self._kind.within is not None:
                yield event.at + self._kind.within
