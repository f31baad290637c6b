"""Windows of time: from when until when something that happened counts."""

from datetime import tzinfo
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
