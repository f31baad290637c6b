"""Conditions on events: whether they happened, how often, what they come to, and on which channel."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from identity_graph.domain.profiles.claims import text_of
from identity_graph.domain.profiles.computing import find_property
from identity_graph.domain.profiles.trait_values import decimal_of, number_of
from identity_graph.domain.segments.comparing import FOREVER, Kind, Test, is_blank, read_number
from identity_graph.domain.segments.days import day_of
from identity_graph.domain.segments.leaves import Look
from identity_graph.domain.segments.rule_tree import (
    AT_LEAST_ONCE,
    RELATIVE,
    ChannelRule,
    CountRule,
    EventRule,
    Measure,
    MeasureRule,
    Occurrence,
)
from identity_graph.domain.segments.sheet import EventFact, FactSheet, Terms
from identity_graph.domain.segments.windows import Window, Windows, window_of
from identity_graph.domain.values.instants import format_instant
from identity_graph.domain.values.observations import Instant


class Matcher:
    """The events of a customer that match a condition, at any moment."""

    def __init__(self, rule: EventRule, sheet: FactSheet, terms: Terms) -> None:
        tests = [(one.name, Test(one.op, one.value, Kind.EITHER, terms.zone)) for one in rule.where]
        self._moving = [(name, test) for name, test in tests if test.op in RELATIVE]
        self._pick = rule.pick
        self._all = sheet.events_of(rule.event)
        self._windows: list[tuple[EventFact, Window]] = [
            (event, window_of(event.at, rule.timing, terms.zone))
            for event in self._all
            if (rule.channel is None or event.channel == rule.channel)
            and all(
                test.holds(find_property(event.properties, name), 0) for name, test in tests if test.op not in RELATIVE
            )
        ]

        is_plain = not self._moving and rule.pick is Occurrence.ANY
        self._counted = Windows(window for _, window in self._windows) if is_plain else None

    def count(self, at: Instant) -> int:
        """Count the matching events."""
        return len(self.matching(at)) if self._counted is None else self._counted.count_open(at)

    def matching(self, at: Instant) -> list[EventFact]:
        """List the matching events, in their order."""
        picked = self._picked(at)
        return [
            event
            for event, window in self._windows
            if window.is_open(at)
            and (picked is None or event is picked)
            and all(test.holds(find_property(event.properties, name), at) for name, test in self._moving)
        ]

    def moments(self, after: Instant) -> Iterator[Instant]:
        """Give the moments at which another event matches, or one no longer does."""
        for event, window in self._windows:
            yield window.opens
            yield window.closes
            for name, test in self._moving:
                yield from test.moments(find_property(event.properties, name), max(after, event.at))
        if self._pick is Occurrence.LAST:
            yield from (event.at for event in self._all)

    def _picked(self, at: Instant) -> EventFact | None:
        """Pick the one occurrence that is meant; None when any is."""
        if self._pick is Occurrence.ANY or not self._all:
            return None
        happened = [event for event in self._all if event.at <= at]
        return self._all[0] if self._pick is Occurrence.FIRST or not happened else happened[-1]


class EventLeaf:
    """How often events happened, or what they come to."""

    def __init__(self, rule: EventRule, sheet: FactSheet, terms: Terms) -> None:
        self._matcher = Matcher(rule, sheet, terms)
        self._count = rule.count or (AT_LEAST_ONCE if rule.measure is None else None)
        self._measure = rule.measure
        self._terms = terms

    def look(self, at: Instant) -> Look:
        """Count, or measure, the matching events."""
        count = self._matcher.count(at)
        counts = self._count is None or holds_count(self._count, count, self._terms)
        if self._measure is None:
            return Look(counts, count)
        matching = self._matcher.matching(at)
        value = measure(self._measure, matching, self._terms)
        test = Test(self._measure.op, self._measure.value, Kind.NUMBER, self._terms.zone)
        return Look(counts and test.holds(value, at), None if value is None else number_of(value))

    def moments(self, after: Instant) -> Iterator[Instant]:
        """Give the moments at which events begin or cease to count."""
        return self._matcher.moments(after)


class ChannelLeaf:
    """Whether anything happened on a channel."""

    def __init__(self, rule: ChannelRule, sheet: FactSheet) -> None:
        self._seen = [event.at for event in sheet.messages if event.channel == rule.channel]
        self._span = FOREVER if rule.within is None else rule.within.micros

    def look(self, at: Instant) -> Look:
        """Tell whether, and when last."""
        index = bisect_right(self._seen, at)
        last = self._seen[index - 1] if index else None
        if last is None or at >= last + self._span:
            return Look(holds=False)
        return Look(holds=True, actual=format_instant(last))

    def moments(self, after: Instant) -> Iterator[Instant]:  # noqa: ARG002 - each begins and ceases to count once
        """Give the moments at which events begin or cease to count."""
        for moment in self._seen:
            yield moment
            yield moment + self._span


def holds_count(rule: CountRule, count: int, terms: Terms) -> bool:
    """Tell whether there are as many as a condition wants."""
    return Test(rule.op, rule.value, Kind.NUMBER, terms.zone).holds(count, 0)


def measure(rule: MeasureRule, events: Sequence[EventFact], terms: Terms) -> Decimal | None:
    """Tell what events come to: of nothing 0 as a sum or a count, unknown otherwise."""
    if rule.kind is Measure.DAYS:
        return Decimal(len({day_of(event.at, terms.zone) for event in events}))
    said = [find_property(event.properties, rule.of or "") for event in events]
    if rule.kind is Measure.DISTINCT:
        return Decimal(len({text_of(value) for value in said if not is_blank(value)}))
    return _sum_up(rule.kind, said)


def _sum_up(kind: Measure, said: Sequence[Any]) -> Decimal | None:
    numbers = [number for value in said if (number := read_number(value)) is not None]
    if kind is Measure.SUM:
        return sum(numbers, Decimal(0))
    if not numbers:
        return None
    if kind is Measure.MEAN:
        return decimal_of(float(Fraction(sum(numbers, Decimal(0))) / len(numbers)))
    return min(numbers) if kind is Measure.MIN else max(numbers)
