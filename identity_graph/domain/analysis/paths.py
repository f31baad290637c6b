"""Paths: which ways customers take, through events or through visits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from identity_graph.domain.analysis.bounds import check_kinds
from identity_graph.domain.analysis.journeys import EXPOSURE, REST, Dimension, Step
from identity_graph.domain.profiles.claims import Order as Position
from identity_graph.domain.segments.event_leaves import Matcher
from identity_graph.domain.segments.rule_tree import EventRule
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Instant

MOST_STEPS = 20
"""Steps that a path may have."""


@dataclass(frozen=True, kw_only=True)
class PathsQuery:
    """What is asked: paths of events (``by`` is None) or of visits, from and to an event, of so many steps at most.

    ``names`` are the events that count, None for all; an event at which a path starts or ends counts in any case.
    """

    by: Dimension | None = None
    names: frozenset[str] | None = None
    starts_with: EventRule | None = None
    ends_with: EventRule | None = None
    start: Instant | None = None
    end: Instant | None = None
    collapse: bool = True
    length: int = 5
    first: int = 20
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class PathCount:
    """A path, and how many customers took it. The rest, which is not listed, has one step that says so."""

    steps: tuple[str, ...]
    customers: int
    share: float
    is_rest: bool = False


def find_path(
    query: PathsQuery, journey: Sequence[Step], sheet: FactSheet, terms: Terms, now: Instant
) -> tuple[str, ...]:
    """Find the path of a customer; empty where there is none.

    It goes from the first event that ``starts_with`` means to the first one after it that ``ends_with`` means. Of a longer way
    the first steps count, and the last ones where only the end is given.
    """
    within = [
        step
        for step in journey
        if step.event.at <= now
        and (query.start is None or step.event.at >= query.start)
        and (query.end is None or step.event.at < query.end)
    ]
    if query.starts_with is not None:
        first = _find_first(query.starts_with, within, sheet, terms, now)
        within = [] if first is None else [step for step in within if step.event.order >= first]
    if query.ends_with is not None:
        after = within if query.starts_with is None else within[1:]
        last = _find_first(query.ends_with, after, sheet, terms, now)
        within = [] if last is None else [step for step in within if step.event.order <= last]
    labels = _labels_of(query, within)
    if query.collapse:
        labels = [label for label, _ in groupby(labels)]
    ends_only = query.ends_with is not None and query.starts_with is None
    return tuple(labels[-query.length :] if ends_only else labels[: query.length])


def _find_first(
    rule: EventRule, steps: Sequence[Step], sheet: FactSheet, terms: Terms, now: Instant
) -> Position | None:
    matching = {event.order for event in Matcher(rule, sheet, terms).matching(now)}
    return next((step.event.order for step in steps if step.event.order in matching), None)


def _labels_of(query: PathsQuery, steps: Sequence[Step]) -> list[str]:
    if query.by is not None:
        visits = dict.fromkeys(step.visit for step in steps if step.visit.name != EXPOSURE)
        return [visit.label(query.by) for visit in visits]
    ends = [
        *(steps[:1] if query.starts_with is not None else ()),
        *(steps[-1:] if query.ends_with is not None else ()),
    ]
    return [
        step.event.name
        for step in steps
        if query.names is None or step.event.name in query.names or any(step is end for end in ends)
    ]


class PathCounts:
    """Takes the paths of customers one by one, in any order."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()

    def add(self, path: tuple[str, ...]) -> None:
        """Take the path of a customer; an empty one is none."""
        if path:
            self._counts[path] += 1
            check_kinds(len(self._counts), "different paths")

    def most_frequent(self, first: int) -> list[PathCount]:
        """List the most frequent paths, of equal ones in the order of their steps, and all others as one at the end."""
        whole = self._counts.total()
        ranked = sorted(self._counts, key=lambda path: (-self._counts[path], path))
        listed = [PathCount(path, self._counts[path], self._counts[path] / whole) for path in ranked[:first]]
        left = whole - sum(one.customers for one in listed)
        return [*listed, PathCount((REST,), left, left / whole, is_rest=True)] if left else listed
