"""What every condition is compiled with, and when things count at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.segments.evaluation import evaluate
from identity_graph.domain.segments.rule_tree import Audience, Leaf, Rule, Timing
from identity_graph.domain.segments.sheet import FactSheet, Terms
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import EARLIEST
from identity_graph.store.segments.compiling_bounds import Parameters, both


@dataclass(frozen=True)
class Definition:
    """A segment as far as others refer to it: its rule, its audience, and who is pinned in or out."""

    rule: Rule
    audience: Audience = Audience.KNOWN
    pins: Mapping[str, bool] = field(default_factory=dict[str, bool])


@dataclass(frozen=True)
class Asked:
    """Under which terms, at which moment and beside which other segments a rule is asked; ``given`` takes the parameters."""

    terms: Terms
    now: Instant
    segments: Mapping[str, Definition] = field(default_factory=dict[str, Definition])
    given: Parameters = field(default_factory=Parameters)

    @property
    def today(self) -> int:
        """The day of the moment in the zone of the project."""
        return day_of(self.now, self.terms.zone)

    def start_of(self, day: int) -> Instant:
        """Give the moment in which a day begins."""
        return start_of_day(day, self.terms.zone)

    def holds_of_nothing(self, leaf: Leaf) -> bool:
        """Ask a condition of a customer who has none of the facts that it reads."""
        return evaluate(leaf, FactSheet(customer_id="", first_seen=self.now), self.now, self.terms).holds


class Range(NamedTuple):
    """A span of time: its beginning belongs to it, its end does not."""

    start: Instant
    end: Instant

    def until(self, end: Instant) -> "Range":
        """Cut it off."""
        return Range(self.start, min(self.end, end))

    def holds(self, place: str, asked: Asked) -> str:
        """Ask whether a stored time lies in it."""
        begun = [] if self.start <= EARLIEST else [f"{place} >= {asked.given.moment(self.start)}"]
        return both(*begun, f"{place} < {asked.given.moment(self.end)}")


def range_of(timing: Timing, asked: Asked) -> Range:
    """Tell when something must have happened to count now."""
    now = asked.now
    if timing.within is not None:
        return Range(now - timing.within.micros + 1, now + 1)
    if timing.between is not None:
        longer, shorter = timing.between
        return Range(now - longer.micros + 1, now - shorter.micros + 1)
    if timing.days is not None:
        first, last = timing.days
        return Range(asked.start_of(asked.today - first), asked.start_of(asked.today - last + 1)).until(now + 1)
    start = EARLIEST if timing.start is None else timing.start.at
    return Range(start, now + 1 if timing.end is None else timing.end.at).until(now + 1)


def so_far(asked: Asked) -> Range:
    """All time up to now."""
    return Range(EARLIEST, asked.now + 1)
