"""What every condition can tell of one customer: whether it holds at a moment, and when that may change with time alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, Protocol

from identity_graph.domain.segments.comparing import FOREVER
from identity_graph.domain.values.observations import Instant
from identity_graph.domain.values.times import LATEST

MOST_LOOKS = 100
"""Moments that are looked at to find the next one at which an answer changes. Behind them it is asked again."""


class Look(NamedTuple):
    """Whether a condition holds, and the value that it compares, as JSON has it."""

    holds: bool
    actual: Any = None


class LeafView(Protocol):
    """A condition, bound to the facts of one customer."""

    def look(self, at: Instant) -> Look:
        """Tell whether it holds at a moment."""
        ...

    def moments(self, after: Instant) -> Iterable[Instant]:
        """Give all moments after one, among others, at which the answer may change if no fact does.

        Of those that come back every year, the next few.
        """
        ...


def find_next(leaf: LeafView, now: Instant, *, holds: bool) -> Instant | None:
    """Find the next moment at which an answer changes with time alone; None when it never does."""
    later = sorted({moment for moment in leaf.moments(now) if now < moment <= LATEST})
    for moment in islice(later, MOST_LOOKS):
        if leaf.look(moment).holds is not holds:
            return moment
    return later[MOST_LOOKS] if len(later) > MOST_LOOKS else None


@dataclass(frozen=True, slots=True)
class Fixed:
    """A condition on which time has no influence."""

    holds: bool
    actual: Any = None

    def look(self, at: Instant) -> Look:  # noqa: ARG002 - it is the same at any time
        """Tell whether it holds."""
        return Look(self.holds, self.actual)

    def moments(self, after: Instant) -> Iterable[Instant]:  # noqa: ARG002 - there are none
        """Give no moments."""
        return ()


@dataclass(frozen=True, slots=True)
class Since:
    """A condition that holds from a moment on; ``actual`` is what there is then, ``before`` what there is until then."""

    since: Instant = FOREVER
    actual: Any = None
    before: Any = None

    def look(self, at: Instant) -> Look:
        """Tell whether the moment has come."""
        return Look(holds=True, actual=self.actual) if at >= self.since else Look(holds=False, actual=self.before)

    def moments(self, after: Instant) -> Iterable[Instant]:  # noqa: ARG002 - there is only one
        """Give the moment."""
        return (self.since,)
