"""Hours of the day in which nobody is disturbed: what happens in them is told at their end."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from identity_graph.domain.values.observations import Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of the day until another one, over midnight if the second is the earlier one."""

    start: time
    end: time


def read_time(text: str) -> time | None:
    """Read a time of the day, such as ``22:00``; None when it is none."""
    found = _TIME.fullmatch(text)
    return None if found is None else time(int(found[1]), int(found[2]))


def find_release(at: Instant, quiet: QuietHours | None, zone: tzinfo) -> Instant:
    """Tell when something of a moment may be told: at once, or at the end of the quiet hours in which it lies."""
    if quiet is None:
        return at
    local = (_EPOCH + timedelta(microseconds=at)).astimezone(zone)
    clock = local.time()
    over_midnight = quiet.end <= quiet.start
    if over_midnight:
        inside, tomorrow = clock >= quiet.start or clock < quiet.end, clock >= quiet.start
    else:
        inside, tomorrow = quiet.start <= clock < quiet.end, False
    if not inside:
        return at
    end = datetime.combine(local.date() + timedelta(days=tomorrow), quiet.end, tzinfo=zone)
    return max(at, (end.astimezone(UTC) - _EPOCH) // _MICROSECOND)
