"""Windows of time: from when until when something that happened counts."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain
from typing import NamedTuple

from identity_graph.domain.segments.comparing import FOREVER
from identity_graph.domain.segments.days import day_of, start_of_day
from identity_graph.domain.segments.rule_tree import Timing
from identity_graph.domain.values.observations import Instant


class Window(NamedTuple):
    """From when on something counts, and from when on it does not any more."""

    opens: Instant
    closes: Instant = FOREVER

    def is_open(self, at: Instant) -> bool:
        """Tell whether it counts at a moment."""
        return self.opens <= at < self.closes


class Windows:
    """Several windows; how many are open at a moment is told without going through them."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self._opens, self._closes = list[Instant](), list[Instant]()
        for window in windows:
            self._opens.append(window.opens)
            self._closes.append(window.closes)
        self._opens.sort()
        self._closes.sort()

    def count_open(self, at: Instant) -> int:
        """Count those that are open."""
        return bisect_right(self._opens, at) - bisect_right(self._closes, at)

    def moments(self) -> Iterator[Instant]:
        """Give the moments at which they open and close."""
        return chain(self._opens, self._closes)


NEVER = Window(FOREVER, FOREVER)


def window_of(happened: Instant, timing: Timing, zone: tzinfo) -> Window:
    """Tell when something that happened counts; never before it happened."""
    if timing.within is not None:
        return Window(happened, happened + timing.within.micros)
    if timing.between is not None:
        longer, shorter = timing.between
        return Window(happened + shorter.micros, happened + longer.micros)
    if timing.days is not None:
        day = day_of(happened, zone)
        first, last = timing.days
        return Window(max(happened, start_of_day(day + last, zone)), start_of_day(day + first + 1, zone))
    is_late = timing.end is not None and happened >= timing.end.at
    is_early = timing.start is not None and happened < timing.start.at
    return NEVER if is_late or is_early else Window(happened)
