"""What a funnel comes to: how many customers reached each step, and how long that took."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from identity_graph.domain.analysis.bounds import check_kinds
from identity_graph.domain.analysis.funnel import Attempt
from identity_graph.domain.analysis.journeys import REST

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step: how many customers reached it, which share that is of those at the first step and at the one before.

    ``median_seconds`` is the median time since the step before, None of the first step and of one that nobody reached.
    ``dropped`` are those who came no further, ``open`` those of them who still may.
    """

    number: int
    customers: int
    conversion: float
    from_previous: float
    median_seconds: float | None
    dropped: int
    open: int


@dataclass(frozen=True, slots=True)
class FunnelGroup:
    """The steps of those customers who have something in common: ``key`` names it, None for all customers."""

    key: str | None
    steps: tuple[FunnelStep, ...]


class _Counts:
    """What is known of some customers: by step, those who came no further, and the times since the step before."""

    def __init__(self, steps: int) -> None:
        self.ended = [0] * steps
        self.open = [0] * steps
        self.times = [array("q") for _ in range(steps)]

    def add(self, attempt: Attempt) -> None:
        last = len(attempt.events) - 1
        self.ended[last] += 1
        self.open[last] += attempt.is_open
        for number, (before, event) in enumerate(pairwise(attempt.events), 1):
            self.times[number].append(event.at - before.at)

    def add_all(self, other: "_Counts") -> None:
        for number, times in enumerate(other.times):
            self.ended[number] += other.ended[number]
            self.open[number] += other.open[number]
            self.times[number].extend(times)

    def steps(self) -> tuple[FunnelStep, ...]:
        reached = [sum(self.ended[number:]) for number in range(len(self.ended))]
        last = len(reached) - 1
        return tuple(
            FunnelStep(
                number=number + 1,
                customers=count,
                conversion=_share(count, reached[0]),
                from_previous=_share(count, reached[max(number - 1, 0)]),
                median_seconds=median(self.times[number]) / _SECOND if self.times[number] else None,
                dropped=0 if number == last else self.ended[number],
                open=self.open[number],
            )
            for number, count in enumerate(reached)
        )


class FunnelCounts:
    """Takes attempts of customers one by one, in any order."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._groups: dict[str | None, _Counts] = {}

    def add(self, attempt: Attempt, key: str | None = None) -> None:
        """Take the attempt of a customer, and by what the customer is told apart."""
        if key not in self._groups:
            self._groups[key] = _Counts(self._steps)
            check_kinds(len(self._groups), "groups")
        self._groups[key].add(attempt)

    def total(self) -> FunnelGroup:
        """Give the steps of all customers."""
        return FunnelGroup(None, self._together(self._groups.values()))

    def groups(self, first: int) -> list[FunnelGroup]:
        """List the groups, the largest first, and the customers of all others as one group at the end."""
        ranked = sorted(self._groups, key=lambda key: (-sum(self._groups[key].ended), key or ""))
        found = [FunnelGroup(key, self._groups[key].steps()) for key in ranked[:first]]
        rest = [self._groups[key] for key in ranked[first:]]
        return [*found, FunnelGroup(REST, self._together(rest))] if rest else found

    def _together(self, groups: Iterable[_Counts]) -> tuple[FunnelStep, ...]:
        whole = _Counts(self._steps)
        for group in groups:
            whole.add_all(group)
        return whole.steps()


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0
